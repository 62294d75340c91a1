#!/bin/bash
s3cmd put r.tsv s3://lab-results/run9/
