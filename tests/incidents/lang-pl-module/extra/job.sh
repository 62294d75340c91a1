#!/bin/bash
set -e
echo "converting GenBank records"
perl -w gb2tab.pl seqs.gb > seqs.tab
cut -f1 seqs.tab
