#!/bin/bash
python net.py
