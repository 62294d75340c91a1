#!/bin/bash
set -e
mkdir -p fig
octave-cli --quiet stack.m
