import pandas as pd
d = pd.read_csv(snakemake.input[0], sep="\t")
top = d.sort_values("score", ascending=False).reset_index(drop=True)
for k in range(snakemake.params.n):
    print(top.loc[k, "gene"], top.loc[k, "score"])
top.head(snakemake.params.n).to_csv(snakemake.output[0])
