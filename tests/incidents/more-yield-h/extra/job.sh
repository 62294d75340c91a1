#!/bin/bash
set -e
dvc repro
dvc status
