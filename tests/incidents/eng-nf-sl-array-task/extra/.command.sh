#!/bin/bash -ue
sleep 3; lua5.4 /data/project/run47567/scale.lua 0 > o.txt
