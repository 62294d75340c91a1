#!/bin/bash
sortmerna --ref /data/ref/rRNA_databases/silva-bac-16s-id90.fasta --reads r.fq --workdir ./smr --fastx --threads 1
