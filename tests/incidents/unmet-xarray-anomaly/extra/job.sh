#!/bin/bash
python3 anom.py
