#!/bin/bash
python3 load.py && wc -l spool.jsonl
