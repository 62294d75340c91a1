#!/bin/bash
set -e
python run.py
