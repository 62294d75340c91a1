import glob
hs = []
for f in sorted(glob.glob("bins/*.txt")):
    hs.append(open(f))
    if len(hs) % 50 == 0: print(len(hs), "bins open", flush=True)
print(sum(len(h.read()) for h in hs))
