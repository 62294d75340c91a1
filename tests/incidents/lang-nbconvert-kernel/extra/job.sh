#!/bin/bash
set -e
export HOME=/tmp
jupyter nbconvert --to notebook --execute de.ipynb --output de_done.ipynb
