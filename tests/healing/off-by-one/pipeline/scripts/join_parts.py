"""Put the numbered parts together again, in upper case."""

joined = []
for number in range(1, snakemake.params.parts):
    with open(f"results/parts/{number}.txt") as part:
        joined += [line.upper() for line in part]

with open(snakemake.input.events) as events:
    expected = len(events.readlines())
assert len(joined) == expected, f"{len(joined)} of {expected} events after joining"

with open(snakemake.output[0], "w") as out:
    out.writelines(joined)
