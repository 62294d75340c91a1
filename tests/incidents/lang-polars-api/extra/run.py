import polars as pl
print("polars", pl.__version__)
df = pl.read_csv("m.csv")
print(df.shape)
out = df.groupby("run").agg(pl.col("n").sum())
out.write_csv("sum.csv")
