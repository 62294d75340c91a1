#!/bin/bash
set -e
python study.py
