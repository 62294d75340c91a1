#!/bin/bash
set -e
lua5.4 hist.lua lengths.txt
