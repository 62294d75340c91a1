#!/bin/bash
set -e
gringo --text base.lp
wc -c d.lp
gringo base.lp d.lp > ground.aspif
echo grounded
