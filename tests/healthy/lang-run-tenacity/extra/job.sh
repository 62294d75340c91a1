#!/bin/bash
set -e
python poll.py
