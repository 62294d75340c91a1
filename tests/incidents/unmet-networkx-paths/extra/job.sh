#!/bin/bash
python3 paths.py
