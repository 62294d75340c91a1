python3 -c "
import sqlite3
a = sqlite3.connect('x.db', isolation_level=None); a.execute('create table t (n)'); a.execute('begin exclusive')
sqlite3.connect('x.db', timeout=0).execute('insert into t values (1)')
"
