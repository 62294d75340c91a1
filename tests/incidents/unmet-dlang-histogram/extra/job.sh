#!/bin/bash
set -e
ldc2 -of=h h.d
./h
