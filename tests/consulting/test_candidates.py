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
from heal.consulting.work import told
from heal.model_settings import Model
from heal.models.script import Line
from heal.patch import Size, Sized
from heal.settings import ChainSettings, Settings
from heal.steps.consult import Matter
from heal.store import Store

pytestmark = pytest.mark.snakemake

BOTH = ("scripts/s1.py", "scripts/s8.py")
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
            return Consultant(store, tmp_path / "cache", lambda _ours, _most: (), lambda: NOON).answer(about, settings)

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


def chained(last: int) -> dict[str, str]:
    """A report that goes through so many scripts, each calling the next; in the last one and in s1 a name is wrong."""
    calls = {
        n: f"import s{n + 1}\n\n\ndef rows():\n    found = s{n + 1}.rows()\n    return found\n" for n in range(1, last)
    }
    calls[1] = calls[1].replace("return found", "return fond")
    scripts = {f"scripts/s{n}.py": text for n, text in calls.items()}
    report = "import sys\n\nimport s1\n\nopen(sys.argv[1], 'w').write(','.join(s1.rows()))\n"
    wrong = 'letters = ["a", "b"]\n\n\ndef rows():\n    return row\n'
    return {"Snakefile": SNAKEFILE, "scripts/report.py": report, **scripts, f"scripts/s{last}.py": wrong}


def test_what_is_asked_about_in_parts_is_joined_to_one_commit(consult: Callable[..., Answer], tmp_path: Path) -> None:
    # Given a cause that names more files than are asked about at once, and a traceback that ends before the second fault
    files = chained(8)
    root = project(tmp_path / "pipeline", files)
    places = ('scripts/report.py", line 5, in <module>', *(f'scripts/s{n}.py", line 5, in rows' for n in range(1, 9)))
    first, last = (files[path].replace("fond", "found").replace("return row\n", "return letters\n") for path in BOTH)
    # When each part that holds a fault is answered, and the others say that they hold none
    answer = consult(
        matter(root, *places),
        Line(block(BOTH[0], first), "coder", asked="return fond"),
        Line(block(BOTH[1], last), "coder", asked=r"letters = \["),
        Line("NO FIX: it is not in these files", "coder"),
    )
    # Then the task that needs both goes well with one commit of both
    assert answer.draft is not None, answer.why
    assert told(answer).size == Sized(Size.BIG, "10 files, and at most 6 are asked about at once")
    assert [trial.name for trial in answer.trials if trial.passed] == ["guard", "parses", "dry run", "replay"]
    assert drafts(root) == ([answer.draft.branch], [answer.draft.worktree])
    changed = git(root, "show", "--format=%P", "--name-only", answer.draft.branch).split()
    assert changed == [git(root, "rev-parse", "HEAD"), *BOTH]
    held = [git(root, "show", f"{answer.draft.branch}:{path}") for path in BOTH]
    assert held == [first.strip(), last.strip()]
