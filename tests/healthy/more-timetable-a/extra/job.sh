#!/bin/bash
set -e
minizinc --version | head -1
minizinc --solver gecode timetable.mzn -D "n=8;"
echo scheduled
