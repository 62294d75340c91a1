#!/bin/bash
python3 fit.py; ls wandb | grep -c offline
