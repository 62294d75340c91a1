#!/bin/bash -ue
seqtk sample -s1 A_1.fq.gz 100 > sub.fastq
