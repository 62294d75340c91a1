"""Add up the sightings of all sites."""

import sys
from collections import Counter

totals = Counter()
for name in sys.argv[2:]:
    with open(name) as table:
        for line in table:
            bird, seen = line.split("\t")
            totals[bird] += int(seen)

with open(sys.argv[1], "w") as out:
    for bird in sorted(total):
        out.write(f"{bird}\t{totals[bird]}\n")
