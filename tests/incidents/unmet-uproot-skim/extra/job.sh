#!/bin/bash
python3 skim.py
