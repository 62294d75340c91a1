#!/bin/bash
python3 lda.py
