#!/bin/bash
set -e
python sim.py
