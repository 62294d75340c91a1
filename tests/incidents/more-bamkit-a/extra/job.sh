#!/bin/bash
for s in T1 T2; do bamtools count -in $s.bam || exit 1; done
