#!/bin/bash
Rscript r.R
ls -l out.csv | cut -d' ' -f5
