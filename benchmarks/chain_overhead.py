"""What the healing chain itself takes for one call of a model: ``python -m benchmarks.chain_overhead``.

Models, checks and git answer at once, from memory, so what is left is the chain's own: its prompts, the questions,
reading a whole file of 300 lines out of an answer, comparing candidates, looking for cited lines in 400 of a log. Each
is measured twice: with a payload builder that only joins texts, and with the real one, which gathers nothing any more
(that was done before the first question) but hides, cuts and counts what each question holds.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.measure import row
from tests.chain.house import FIXED, LINE, SCRIPT, House, assignment, block, house
from tests.consulting.given import day, fails, project
from tests.payload.repositories import SNAKEMAKE

from heal.cases import Evidence, Passage
from heal.chain.assignment import Assignment, Source
from heal.consulting.parts import Builder
from heal.consulting.ready import ready
from heal.consulting.repositories import repository_in
from heal.settings import Settings
from heal.store import Store

ROUNDS = 60
MUCH = "".join(f"value_{n} = compute(value_{n - 1}, step={n})\n" for n in range(1, 296))
LOG = "\n".join([*(f"[{n}] step {n} of the report is done" for n in range(400)), LINE])


def main() -> None:
    sources = [Source("scripts/report.py", SCRIPT + MUCH), *(Source(f"scripts/s{n}.py", MUCH) for n in range(3))]
    about = assignment(sources, evidence=(Evidence("report.log", (Passage(1, LOG),)),))
    for samples in (1, 4):
        here = house(coder=block(FIXED + MUCH))
        measured(here, about, samples, "the healing chain's own time for one call")
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "heal.db") as store:
        here, real = built(Path(folder) / "pipeline", store)
        for samples in (1, 4):
            measured(here, real, samples, "the same with the real builder of payloads")


def built(folder: Path, store: Store) -> tuple[House, Assignment]:
    """A house with heal's own builder, and a pipeline of four scripts of 200 lines that fails with as long a log."""
    draws = SNAKEMAKE["scripts/plot.py"]
    # a file of more lines is told in part
    much = "".join(MUCH.splitlines(keepends=True)[:190])
    files = SNAKEMAKE | {"scripts/plot.py": draws + much, **{f"scripts/s{n}.py": much for n in range(3)}}
    root, settings = project(folder, files), Settings(home=folder)
    about = ready(
        fails(store, root, day(13), log=LOG), settings, repository_in(root, settings), lambda _ours, _most: ()
    )
    here = house(coder=block(draws.replace("append({})", "copy()") + much, "scripts/plot.py"))
    return replace(here, builder=Builder(about.brief, about.redactor())), about.assignment


def measured(here: House, about: Assignment, samples: int, what: str) -> None:
    """Run the chain, and print a row."""
    chain = here.chain(samples=samples)
    taken = [chain.run(about) for _ in range(ROUNDS + 1)][1:]
    assert all(answer.draft for answer in taken), taken[0].why
    calls = sum(bool(turn.model) for turn in taken[0].turns)
    each = sorted((answer.seconds.models + answer.seconds.checks + answer.seconds.own) / calls for answer in taken)
    figure = f"{each[0] * 1e3:.1f} ms (median {median(each) * 1e3:.1f}, most {each[-1] * 1e3:.1f})"
    row(f"{what}, {calls} calls an incident", figure, "at most 20 ms")


if __name__ == "__main__":
    main()
