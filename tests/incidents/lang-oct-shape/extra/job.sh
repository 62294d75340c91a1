#!/bin/bash
echo "fit on $(hostname)"
octave-cli --no-init-file fit.m
rc=$?
echo "octave left with $rc"
exit $rc
