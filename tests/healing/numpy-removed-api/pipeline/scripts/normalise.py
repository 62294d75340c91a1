"""Scale the readings of a plate to its brightest well."""

import numpy as np

with open(snakemake.input[0]) as table:
    rows = [line.rstrip("\n").split("\t") for line in table]

readings = np.array([row[2] for row in rows], dtype=np.float)
scaled = readings / readings.max()

with open(snakemake.output[0], "w") as out:
    for (plate, well, _), value in zip(rows, scaled):
        out.write(f"{plate}\t{well}\t{value:.2f}\n")
