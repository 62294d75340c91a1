#!/bin/bash
htseq-count -f sam -t exon -i gene_id a.sam genes.gtf && echo counted
