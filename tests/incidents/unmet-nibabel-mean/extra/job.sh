#!/bin/bash
python3 mean.py
