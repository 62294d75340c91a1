#!/bin/bash
set -e
python3 gen.py > poly.vala
valac -C poly.vala
ls -l poly.c
