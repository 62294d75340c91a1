#!/bin/bash
set -e
celery -A tasks report | head -3
celery -A tasks call tasks.align --args="[\"S1\"]"
