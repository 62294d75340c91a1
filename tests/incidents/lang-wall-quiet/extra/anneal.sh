#!/bin/bash
for i in $(seq 50); do echo "T=$((500-i*9)) E=-$i"; sleep .4; done
