#!/bin/bash
python cat.py
