"""Stands for an aligner: it needs about 500 MB for its index, whatever it was given."""

import sys

index = [bytearray(10 * 1024 * 1024) for _ in range(50)]
for path in sys.argv[1:]:
    with open(path) as reads:
        for line in reads:
            print(line.strip(), "aligned against", len(index), "blocks")
