#!/bin/bash
python3 stack.py
