#!/bin/bash
python3 step.py; r=$?
ls traj.dcd 2>/dev/null
exit $r
