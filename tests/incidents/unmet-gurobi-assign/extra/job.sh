#!/bin/bash
/opt/tools/bin/python assign.py
