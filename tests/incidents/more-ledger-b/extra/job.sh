#!/bin/bash
set -e
python add.py S17
