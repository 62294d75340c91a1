#!/bin/bash
set -e
python migrate.py
