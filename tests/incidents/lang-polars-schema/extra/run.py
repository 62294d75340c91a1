import polars as pl
df = pl.read_csv("metrics/*.csv", schema_overrides={"run": pl.String, "n": pl.Int64})
print(df.group_by("run").agg(pl.col("n").sum()))
