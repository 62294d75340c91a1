#!/bin/bash
set -e
python concat_years.py
