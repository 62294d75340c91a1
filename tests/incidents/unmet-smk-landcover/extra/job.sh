#!/bin/bash
snakemake --cores 1 --latency-wait 3
