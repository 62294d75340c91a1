import pyarrow.parquet as pq, pyarrow as pa, pathlib
t = [pq.read_table(p) for p in sorted(pathlib.Path("parts").glob("*.parquet"))]
print(len(t), "parts")
pq.write_table(pa.concat_tables(t), "all.parquet")
