import duckdb
con = duckdb.connect("lab.duckdb")
con.execute("create or replace table q as select 1 as a")
print(con.execute("select count(*) from q").fetchall())
