#!/bin/bash
tidy -e -q page.html || true
tidy -q -o clean.html page.html; [ $? -lt 2 ] && echo "page cleaned"
