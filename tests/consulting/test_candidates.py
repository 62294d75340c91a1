"""What several answers come to over real git, the real checks and a replay: the best of them, or all of them joined."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.consulting.given import git, project
from tests.consulting.report import HEALED, NOON, REVIEWER, SCRIPT, SNAKEFILE, TRIAGE, WRITER, block, matter, saying
from tests.proving.pipelines import environment

from heal.chain.answer import Answer
from heal.consulting import Consultant
from heal.model_settings import Model
from heal.models.script import Line
from heal.settings import ChainSettings, Settings
from heal.steps.consult import Matter
from heal.store import Store

pytestmark = pytest.mark.snakemake

OTHERS = {"triage": TRIAGE, "reviewer": REVIEWER, "writer": WRITER}


@pytest.fixture
def consult(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Answer]]:
    """Let coders say these lines, and the other roles what they say of a good change; what the chain comes to."""
    monkeypatch.setenv("PATH", environment()["PATH"])

    def consulted(about: Matter, *coders: Line, **chain: int) -> Answer:
        lines = (*coders, *(Line(json.dumps(said), role) for role, said in OTHERS.items()))
        with saying(*lines) as url:
            models = {name: Model(base_url=url, model=name) for name in ("coder", *OTHERS)}
            routes = {name: (name,) for name in models}
            settings = Settings(home=tmp_path, model=models, routes=routes, chain=ChainSettings(**chain))
            return Consultant(store, tmp_path / "cache", lambda _most: (), lambda: NOON).answer(about, settings)

    with Store.open(tmp_path / "heal.db") as store:
        yield consulted


def drafts(root: Path) -> tuple[list[str], list[Path]]:
    """The branches and worktrees that heal has there."""
    branches = git(root, "branch", "--list", "--format=%(refname:short)", "heal/*").splitlines()
    return branches, [path for path in (root / ".heal/worktrees").iterdir() if path.is_dir()]


def test_of_two_candidates_the_one_whose_replay_goes_well_is_left(
    consult: Callable[..., Answer], tmp_path: Path
) -> None:
    root = project(tmp_path / "pipeline", {"Snakefile": SNAKEFILE, "scripts/report.py": SCRIPT})
    # Given two answers that parse and that the guard lets pass; the one that fails the same way changes less
    wrong = SCRIPT.replace("(row)", "(lines)")
    right = HEALED.replace("rows", "letters")
    # When both are asked for at once
    answer = consult(
        matter(root),
        Line(block("scripts/report.py", wrong), "coder", times=1),
        Line(block("scripts/report.py", right), "coder", times=1),
        samples=2,
    )
    # Then both were run again, and of the one that failed nothing is left
    assert answer.draft is not None, answer.why
    tried = sorted(turn.made.partition(": ")[2].partition("\n")[0] for turn in answer.turns if turn.role == "tester")
    assert [line.partition(": ")[0] for line in tried] == [
        "guard passed, parses passed, dry run passed, replay passed",
        "refused",
    ]
    assert "refused: replay failed: report: exit code 1 after " in tried[1]
    assert answer.rounds == 1
    assert drafts(root) == ([answer.draft.branch], [answer.draft.worktree])
    assert git(root, "show", f"{answer.draft.branch}:scripts/report.py") == right.strip()
