"""Keep the reads whose quality is good enough."""

lowest = snakemake.config["filter"]["min_quality"]

with open(snakemake.input[0]) as reads, open(snakemake.output[0], "w") as kept:
    for line in reads:
        if int(line.split("\t")[1]) >= lowest:
            kept.write(line)
