#!/bin/bash
set -e
python check_sheet.py
