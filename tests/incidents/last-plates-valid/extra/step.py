import pandas as pd, pandera.pandas as pa
s=pa.DataFrameSchema({"well":pa.Column(str,pa.Check.str_matches(r"^[A-H]\d+$")),"od":pa.Column(float,pa.Check.in_range(0,4))})
for f in ("p1.csv","p2.csv"):
    s.validate(pd.read_csv(f)); print(f,"valid")
