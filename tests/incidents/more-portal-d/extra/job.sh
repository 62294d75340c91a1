#!/bin/bash
haproxy -v | head -1
haproxy -c -f lb.cfg || { echo "not reloaded"; exit 1; }
