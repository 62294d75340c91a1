#!/bin/bash
python opt.py
