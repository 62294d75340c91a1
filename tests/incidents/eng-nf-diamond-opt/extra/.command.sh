#!/bin/bash -ue
diamond makedb --in prot.fa -d db && diamond blastp -q prot.fa -d db --ultra-sensitve -o o.txt
