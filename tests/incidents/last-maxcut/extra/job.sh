#!/bin/bash
head -n 3 g.dat-s
csdp g.dat-s g.sol; r=$?
head -n 1 g.sol; exit $r
