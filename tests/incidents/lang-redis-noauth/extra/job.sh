#!/bin/bash
set -e
python queue_push.py tasks.txt
