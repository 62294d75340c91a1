#!/bin/bash
set -e
python rank.py
