#!/bin/bash
python3 seg.py
