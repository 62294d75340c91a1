#!/bin/bash
set -e
m4 -DSITE=a top.m4 > a.cfg
cat a.cfg
m4 -DSITE=b top.m4 > b.cfg
cat b.cfg
