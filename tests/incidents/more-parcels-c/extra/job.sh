#!/bin/bash
echo "export parcels"
python ex.py
