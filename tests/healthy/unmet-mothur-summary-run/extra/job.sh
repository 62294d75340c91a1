#!/bin/bash
mothur "#set.dir(output=.); summary.seqs(fasta=stab.fasta, processors=1); unique.seqs(fasta=stab.fasta)"
