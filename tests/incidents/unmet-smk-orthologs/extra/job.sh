#!/bin/bash
snakemake --cores 1 --keep-going
