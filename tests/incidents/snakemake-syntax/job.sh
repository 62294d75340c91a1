snakemake -c1 --latency-wait 1
