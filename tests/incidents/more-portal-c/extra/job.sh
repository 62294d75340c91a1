#!/bin/bash
set -e
nginx -p $PWD -c nginx.conf
sleep 1; cat nginx.pid
