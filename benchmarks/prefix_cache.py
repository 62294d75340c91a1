"""How much of a payload a model's server need not read again: ``python -m benchmarks.prefix_cache``.

Incidents of one project, one for each process in turn, each with the log of a real failure: the payloads of
``benchmarks.payload_tokens``, the coder's alone and those of all roles, asked one after the other of a real llama.cpp
server by heal's own client; and so for three projects. The server tells in its log how many tokens of each it had
already; what it had for the first incident is not counted. Its model is of random weights and its tokens are bytes,
which makes the tokens many and changes little of their share. It is built by ``bash tests/models/llama.sh``.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks import payload_tokens
from benchmarks.measure import ROOT, row
from benchmarks.score import OWN, Answer, judged
from tests.models.llama_server import Llama

from heal.chain.plan_file import load
from heal.chain.prompts import Facts, Prompts
from heal.cli.desk import desk
from heal.dialogue import Question
from heal.model_settings import Model, ModelBudget, Patches
from heal.models import Models
from heal.payload.build import Payload
from heal.payload.tree import FolderTree
from heal.settings import Settings
from heal.store import Store

INCIDENTS = payload_tokens.INCIDENTS
WINDOW = 65_536
# what it read for earlier questions, too; without these options the last question alone
KEEPS = {"cache": "True", "cache_type": "ram", "cache_size": str(4 << 30)}


def main() -> None:
    ready = subprocess.run(
        ["bash", ROOT / "tests" / "models" / "llama.sh", "ready"], capture_output=True, text=True, check=False
    )
    if ready.returncode:
        raise SystemExit("llama-cpp-python is not built here; it takes some minutes: bash tests/models/llama.sh")
    answers = [one for one in judged(desk(), OWN[:1]) if one.failed and one.case.evidence]
    python = ready.stdout.strip()
    for project in payload_tokens.CHAINED:
        engine = "nextflow" if (project / "main.nf").exists() else "snakemake"
        pipeline = f"{payload_tokens.called(project)} ({engine})"
        alone = reused(python, payloads(project, engine, [one for one in answers if one.case.engine == engine]))
        shares = [kept / (kept + read) for kept, read in alone]
        row(
            f"tokens of a payload that llama.cpp had from the incident before, {len(alone)} in a row of {pipeline}",
            f"{share(alone):.0%} (median {median(shares):.0%}, least {min(shares):.0%})",
            "at least 50 %",
        )
        chains = list(payload_tokens.questions(project, engine, answers))
        all_kept, last_kept = (share(reused(python, chains, **options)) for options in (KEEPS, {}))
        row(
            f"tokens of whole chains that llama.cpp had read before, {INCIDENTS - 1} incidents after one of {pipeline}",
            f"{all_kept:.0%} where it keeps what it read",
            f"{last_kept:.0%} where it keeps the last question alone",
        )


def reused(python: str, made: list[Payload], **options: str) -> list[tuple[int, int]]:
    """Of each question after the first incident's: the tokens that a server with these options had, and had not."""
    with tempfile.TemporaryDirectory() as folder, Llama(python, Path(folder), WINDOW, **options) as server:
        asked(server, made, Path(folder))
        found = server.reused()
    assert len(found) == len(made) - 1, found
    return found[len(made) // INCIDENTS - 1 :]


def share(found: Sequence[tuple[int, int]]) -> float:
    """The tokens that it had, of all."""
    return sum(kept for kept, _ in found) / sum(kept + read for kept, read in found)


def payloads(project: Path, engine: str, logs: Sequence[Answer]) -> list[Payload]:
    """One for each incident."""
    rules = Prompts().render("coder", load().coder, Facts(engine, Patches.model_validate({}).allow))
    tree = FolderTree(project)
    names = list(dict.fromkeys(payload_tokens.processes(tree)))
    return [
        payload_tokens.payload_of(
            replace(real, case=replace(real.case, process=names[number % len(names)])),
            tree,
            {engine: rules},
        )
        for number in range(INCIDENTS)
        for real in [logs[number * 7 % len(logs)]]
    ]


def asked(server: Llama, made: list[Payload], folder: Path) -> None:
    """Ask for one word about each: what is measured is the reading."""
    model = Model(base_url=server.url, model=Llama.name, context=WINDOW * 4, timeout_seconds=600)
    budget = ModelBudget(incident_tokens=10_000_000, day_tokens=10_000_000)
    settings = Settings(home=folder, model={"noise": model}, model_budget=budget)
    with Store.open(folder / "heal.db") as store:
        asking = Models(settings, store, folder / "cache", lambda: datetime.now(UTC))
        for number, payload in enumerate(made):
            one_word = {"enum": ["pipeline defect", "unknown"]}
            asking.ask(Question("coder", payload.messages, one_word, 100, incident=str(number)))


if __name__ == "__main__":
    main()
