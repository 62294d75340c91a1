println(snakemake.input[1])
