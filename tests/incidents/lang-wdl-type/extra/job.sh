#!/bin/bash
set -e
miniwdl check qc.wdl
miniwdl run qc.wdl fastqs=r1.fq fastqs=r2.fq
