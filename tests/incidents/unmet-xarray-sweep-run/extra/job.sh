#!/bin/bash
python3 sweep.py
