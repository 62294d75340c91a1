#!/bin/bash
set -e
python register.py
