#!/bin/bash
set -e
python region.py
