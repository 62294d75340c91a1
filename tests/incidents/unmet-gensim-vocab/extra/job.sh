#!/bin/bash
python3 w2v.py
