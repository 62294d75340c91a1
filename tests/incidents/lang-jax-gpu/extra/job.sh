#!/bin/bash
set -e
python potential.py
