#!/bin/bash
set -e
dvc stage list
dvc repro
