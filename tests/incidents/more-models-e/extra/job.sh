#!/bin/bash
cd src
hg status && echo "gene y" >> counts.tsv && hg commit -u alice -m y
