#!/bin/bash
set -e
python append_run.py
