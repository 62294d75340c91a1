#!/bin/bash
python3 glm.py
