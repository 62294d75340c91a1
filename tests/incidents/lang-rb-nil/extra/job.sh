#!/bin/bash
set -e
ruby -v | cut -c1-8
ruby parse_gff.rb genes.gff > genes.bed
wc -l genes.bed
