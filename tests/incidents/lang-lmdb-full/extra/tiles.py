import lmdb
env = lmdb.open("tiles.lmdb", map_size=10 << 20)
for i in range(4000):
    with env.begin(write=True) as t:
        t.put(b"%08d" % i, b"x" * 4096)
    if i % 500 == 0: print("tile", i, flush=True)
