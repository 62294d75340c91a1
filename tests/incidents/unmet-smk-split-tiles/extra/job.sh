#!/bin/bash
snakemake --cores 1
