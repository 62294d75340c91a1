"""Add up what was counted at all sites."""

import sys

totals = {}
for path in sys.argv[2:]:
    with open(path) as counted:
        for line in counted:
            bird, number = line.rstrip("\n").split("\t")
            totals[bird] = totals.get(bird, 0) + int(number)

with open(sys.argv[1], "w") as out:
    for bird in sorted(total):
        out.write(f"{bird}\t{totals[bird]}\n")
