#!/bin/bash
set -e
miniwdl run qc.wdl fastqs=data/r1.fq fastqs=data/r2.fq
