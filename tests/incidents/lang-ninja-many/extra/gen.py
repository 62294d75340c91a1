import sys, random
random.seed(2); n = int(sys.argv[1])
with open("build.ninja", "w") as b:
    b.write("rule rate\n  command = python3 rate.py $in > $out\n  description = RATE $in\n")
    for i in range(n):
        with open(f"chunk_{i}.txt", "w") as f:
            if i not in (17, 23): f.write("".join(f"{random.random():.3f}\n" for _ in range(20)))
        b.write(f"build chunk_{i}.out: rate chunk_{i}.txt\n")
