#!/bin/bash
python3 s.py
