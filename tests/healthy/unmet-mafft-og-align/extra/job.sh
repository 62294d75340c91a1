#!/bin/bash
mafft --auto --thread 1 OG.fa > OG.aln
