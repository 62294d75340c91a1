#!/bin/bash
bamtools stats -in A.sorted.bam
bamtools split -in A.dedup.bam -reference
