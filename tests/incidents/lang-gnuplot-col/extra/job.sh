#!/bin/bash
set -e
gnuplot -e "set terminal dumb; plot 'ok.dat' using 1:2" | head -5
gnuplot plot.gp
