#!/bin/bash
set -e
python opt.py
