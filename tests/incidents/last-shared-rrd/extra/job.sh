#!/bin/bash
rrdtool info cpu.rrd | head -n 3
rrdtool update cpu.rrd N:4; r=$?
rrdtool lastupdate cpu.rrd | tail -n 1; exit $r
