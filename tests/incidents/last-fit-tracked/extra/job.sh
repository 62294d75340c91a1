#!/bin/bash
python3 step.py; r=$?
ls wandb 2>/dev/null | wc -l
exit $r
