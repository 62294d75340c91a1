#!/bin/bash
python read.py && echo "3 frames stacked"
