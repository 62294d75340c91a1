import duckdb
con = duckdb.connect('warehouse.duckdb')
con.execute('create table if not exists t(i int)')
