#!/bin/bash
set -e
python meta.py
