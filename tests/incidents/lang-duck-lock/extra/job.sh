#!/bin/bash
set -e
python ingest.py
