#!/bin/bash
python cog.py
