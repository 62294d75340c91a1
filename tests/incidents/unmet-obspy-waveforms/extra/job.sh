#!/bin/bash
python3 read.py
