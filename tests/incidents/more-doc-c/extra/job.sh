#!/bin/bash
set -e
groff --version | head -1
groff -ms -Tutf8 /data/shared/note.ms | head -4
soelim paper.ms > flat.ms
groff -ms -Tutf8 flat.ms > paper.txt
grep -q Calibration paper.txt || { echo "paper.txt lacks a section"; exit 1; }
