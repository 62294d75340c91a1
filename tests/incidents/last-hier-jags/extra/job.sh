#!/bin/bash
echo "chains: 2"
jags fit.cmd; r=$?
ls CODA* ; exit $r
