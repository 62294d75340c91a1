#!/bin/bash
echo "fold 1/5"; 
/opt/tools/bin/python fit.py
