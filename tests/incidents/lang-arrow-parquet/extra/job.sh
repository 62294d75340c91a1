#!/bin/bash
set -e
python concat.py
