#!/bin/bash
set -e
python aln_len.py
