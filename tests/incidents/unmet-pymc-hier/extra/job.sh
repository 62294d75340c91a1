#!/bin/bash
python3 hier.py
