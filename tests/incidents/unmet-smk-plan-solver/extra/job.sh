#!/bin/bash
snakemake --cores 1 2>&1
