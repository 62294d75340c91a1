#!/bin/bash
python3 md.py
