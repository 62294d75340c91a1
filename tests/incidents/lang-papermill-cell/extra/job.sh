#!/bin/bash
set -e
export HOME=/tmp
papermill --no-progress-bar qc.ipynb out.ipynb -p sample S9
jupyter nbconvert --to html out.ipynb
