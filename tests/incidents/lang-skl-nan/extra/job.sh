#!/bin/bash
set -e
python train.py
