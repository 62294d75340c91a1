#!/bin/bash
iverilog -g2012 -Wall -o t.vvp t.v; vvp t.vvp
