#!/bin/bash
python desc.py lib.smi && echo "descriptors written"
