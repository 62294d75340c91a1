"""What the healing chain itself takes for one call of a model: ``python -m benchmarks.chain_overhead``.

Models, checks and git answer at once, from memory, so what is left is the chain's own: its prompts, the questions,
reading a whole file of 300 lines out of an answer, comparing candidates, looking for cited lines in 400 of a log. The
payload builder only joins texts; what hiding and cutting take is another figure.
"""

from __future__ import annotations

from statistics import median

from benchmarks.measure import row
from tests.chain.house import FIXED, LINE, SCRIPT, assignment, block, house

from heal.cases import Evidence, Passage
from heal.chain.assignment import Source

ROUNDS = 60
MUCH = "".join(f"value_{n} = compute(value_{n - 1}, step={n})\n" for n in range(1, 296))
LOG = "\n".join([*(f"[{n}] step {n} of the report is done" for n in range(400)), LINE])


def main() -> None:
    sources = [Source("scripts/report.py", SCRIPT + MUCH), *(Source(f"scripts/s{n}.py", MUCH) for n in range(3))]
    about = assignment(sources, evidence=(Evidence("report.log", (Passage(1, LOG),)),))
    for samples in (1, 4):
        here = house(coder=block(FIXED + MUCH))
        chain = here.chain(samples=samples)
        taken = [chain.run(about) for _ in range(ROUNDS + 1)][1:]
        assert all(answer.draft for answer in taken)
        calls = sum(bool(turn.model) for turn in taken[0].turns)
        each = sorted((answer.seconds.models + answer.seconds.checks + answer.seconds.own) / calls for answer in taken)
        figure = f"{each[0] * 1e3:.1f} ms (median {median(each) * 1e3:.1f}, most {each[-1] * 1e3:.1f})"
        row(f"the healing chain's own time for one call, {calls} calls an incident", figure, "at most 20 ms")


if __name__ == "__main__":
    main()
