import redis, os
r = redis.Redis(host="db01.lab.internal", port=6391)
for i in range(3000):
    r.set(f"tile:{i}", os.urandom(8192))
    if i % 100 == 0: print("tile", i, flush=True)
