#!/bin/bash
set -e
python fetch_run.py
