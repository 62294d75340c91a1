from sqlalchemy import create_engine, text
import csv
e = create_engine("sqlite:///registry.db")
with e.begin() as c:
    c.execute(text("create table sample(barcode text primary key, n integer)"))
for r in csv.DictReader(open("plate.csv")):
    with e.begin() as c:
        c.execute(text("insert into sample values (:barcode, :n)"), r)
print("registered")
