#!/bin/bash
python3 drive.py
