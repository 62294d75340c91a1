#!/bin/bash
python3 w.py
