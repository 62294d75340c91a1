#!/bin/bash
set -e
supervisord --version
supervisord -n -c sup.conf
