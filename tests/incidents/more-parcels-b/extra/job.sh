#!/bin/bash
python join.py
