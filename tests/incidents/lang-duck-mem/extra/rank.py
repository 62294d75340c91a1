import duckdb
con = duckdb.connect()
con.execute("set memory_limit='200MB'; set threads=2; set temp_directory=''; set preserve_insertion_order=false")
con.execute("create table v as select range as id, hash(range) as h from range(1000000)")
print(con.execute("select count(*) from v").fetchone(), flush=True)
print(con.execute("select list(h order by h) from (select v.h from v, range(60))").fetchone()[0][:2])
