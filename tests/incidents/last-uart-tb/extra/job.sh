#!/bin/bash
echo "lint"; iverilog -Wall -t null uart.v && echo "lint ok"
iverilog -g2012 -o tb.vvp uart.v tb.v
vvp tb.vvp | tee tb.log
grep -q PASS tb.log
