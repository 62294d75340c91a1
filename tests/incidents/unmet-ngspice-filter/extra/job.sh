#!/bin/bash
ngspice -b rc.cir -o rc.log; rc=$?; cat rc.log; exit $rc
