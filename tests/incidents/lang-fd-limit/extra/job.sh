#!/bin/bash
ulimit -n 128
python bins.py
