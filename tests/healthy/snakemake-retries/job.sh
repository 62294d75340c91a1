snakemake -c1 --retries 2
