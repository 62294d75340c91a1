#!/bin/bash
set -e
python bias.py
