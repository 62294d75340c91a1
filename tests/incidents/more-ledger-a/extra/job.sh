#!/bin/bash
python put.py k1 v1
