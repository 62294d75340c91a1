#!/bin/bash
set -e
python3 gen.py > big.pov
povray -GA +Ibig.pov +W20 +H20 -D +Obig.png
echo rendered
