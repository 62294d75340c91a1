#!/bin/bash
nvidia-smi -L
python3 t.py
