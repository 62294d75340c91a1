#!/bin/bash
g++ -c -O1 stats.cpp
g++ -c -O1 main.cpp
g++ -o runstats main.o stats.o
./runstats data.txt
