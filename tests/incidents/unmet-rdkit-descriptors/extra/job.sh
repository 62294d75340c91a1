#!/bin/bash
python3 desc.py lib.smi
