#!/bin/bash
set -e
python boost.py
