from sqlalchemy import create_engine, text
e = create_engine("sqlite:///variants.db")
with e.connect() as c:
    n = 0
    for r in c.execute(text("select id, t from v order by id")): n += len(r.t)
    print(n)
