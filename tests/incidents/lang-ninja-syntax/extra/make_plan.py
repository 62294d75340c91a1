print("rule align\n  command = sort $in > $out\n")
for s in ("S1", "S2", "run:7"):
    print(f"build {s}.sorted: align {s}.txt")
print("rule t\n  command = touch $out\nbuild all: t S1.sorted S2.sorted")
