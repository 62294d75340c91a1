import psycopg2
c = psycopg2.connect(host="db01.lab.internal", port=5544, user="lab", password="labpw", dbname="variants")
k = c.cursor(); k.execute("set lock_timeout = '2s'")
print("adding the column", flush=True)
k.execute("alter table calls add column if not exists filter text")
c.commit(); print("migrated")
