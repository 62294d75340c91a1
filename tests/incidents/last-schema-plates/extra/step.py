import pandas as pd, pandera as pa
print("pandera",pa.__version__)
class P(pa.SchemaModel):
    id: pa.typing.Series[str]
P.validate(pd.DataFrame({"id":["a"]}))
