import csv
from pydantic import BaseModel, Field
class Sample(BaseModel):
    sample: str
    reads: int = Field(gt=0)
    strand: str = Field(pattern="^(forward|reverse|unstranded)$")
rows = [Sample(**r) for r in csv.DictReader(open("sheet.csv"))]
print(len(rows), "samples")
