#!/bin/bash
set -e
python store.py
