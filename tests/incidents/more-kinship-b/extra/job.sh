#!/bin/bash
set -e
swipl -q -g main -t 'halt(1)' load.pl
