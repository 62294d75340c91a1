#!/bin/bash
python3 rmsd.py
