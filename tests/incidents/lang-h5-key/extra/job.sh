#!/bin/bash
set -e
python run.py a.h5 b.h5
