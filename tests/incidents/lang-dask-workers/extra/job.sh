#!/bin/bash
set -e
python gram.py
