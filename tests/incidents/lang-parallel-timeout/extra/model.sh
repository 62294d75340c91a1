#!/bin/bash
for i in $(seq $1); do echo "size $1: sweep $i"; sleep .7; done
echo "size $1 done"
