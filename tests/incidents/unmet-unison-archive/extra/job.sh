#!/bin/bash
export UNISON=$PWD/.un
unison a b -batch -auto -terse
rc=$?; echo "unison returned $rc"; exit $rc
