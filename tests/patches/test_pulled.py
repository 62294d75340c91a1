"""A pipeline that an engine fetched: drafts are made beside it, of what it holds, and nothing is written into it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.consulting.given import git, project

from heal.errors import NoHistory
from heal.model_settings import Patches
from heal.patch import Edit, Patch
from heal.patches.pulled import given, of_pulled
from heal.patches.repository import Repository

PLOT = "import numpy\nnumpy.product([1])\n"
MENDED = PLOT.replace("product", "prod")
WANTED = Patch((Edit("bin/plot.py", MENDED),), "Call what numpy has", "numpy 2 has no product.")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    """The engine's folder, at a revision, with a file of its own."""
    folder = project(tmp_path / "assets/lab/pipe", {"bin/plot.py": PLOT, "main.nf": "workflow { }\n"})
    git(folder, "checkout", "--quiet", "--detach")
    (folder / "made.txt").write_text("by the engine\n")
    return folder


def repository(fetched: Path, launch: Path) -> Repository:
    return of_pulled(fetched, "lab/pipe", launch / ".heal", Patches.model_validate({}))


def test_a_draft_is_given_as_a_mail_and_the_folder_is_what_it_was(fetched: Path, tmp_path: Path) -> None:
    before = contents(fetched)
    history = repository(fetched, tmp_path / "launch")
    assert history.text("bin/plot.py") == PLOT
    draft = history.draft(WANTED, incident="7f3a", slug="numpy")
    # Then the change can be looked at beside it
    assert (draft.worktree / "bin/plot.py").read_text() == MENDED
    assert draft.worktree.is_relative_to(tmp_path / "launch/.heal")
    # When it is given
    mail = given(history, draft)
    # Then nothing of the draft is left, and the engine's folder is what it was
    assert (history.drafts(), contents(fetched)) == ((), before)
    # And a clone takes it
    git(tmp_path, "clone", "--quiet", str(fetched), str(tmp_path / "clone"))
    git(tmp_path / "clone", "am", "--quiet", "--keep-cr", str(mail))
    assert (tmp_path / "clone/bin/plot.py").read_text() == MENDED


def test_the_history_is_copied_once(fetched: Path, tmp_path: Path) -> None:
    launch = tmp_path / "launch"
    first = given(one := repository(fetched, launch), one.draft(WANTED, incident="7f3a", slug="numpy"))
    again = given(two := repository(fetched, launch), two.draft(WANTED, incident="7f3a", slug="numpy"))
    assert first == again
    assert [path.name for path in (launch / ".heal/pulled").iterdir()] == [first.parent.name]


def test_incidents_at_once_have_one_copy(fetched: Path, tmp_path: Path) -> None:
    together = threading.Barrier(6)

    def opened(_incident: int) -> Repository:
        together.wait()
        return repository(fetched, tmp_path / "launch")

    with ThreadPoolExecutor(6) as incidents:
        one, *others = incidents.map(opened, range(6))
    # Then all of them have the one that is whole, and nothing half made is beside it
    assert {each.checkout.git_dir for each in others} == {one.checkout.git_dir}
    assert [path.name for path in one.checkout.state.iterdir()] == ["history.git"]
    assert (one.draft(WANTED, incident="7f3a", slug="numpy").worktree / "bin/plot.py").read_text() == MENDED


def test_a_folder_with_a_line_break_in_its_name_is_drafted_from(fetched: Path, tmp_path: Path) -> None:
    odd = fetched.rename(tmp_path / "assets/lab/my\npipe")
    draft = repository(odd, tmp_path / "launch").draft(WANTED, incident="7f3a", slug="numpy")
    assert (draft.worktree / "bin/plot.py").read_text() == MENDED


def test_a_fetch_of_the_newest_commits_alone_will_do(fetched: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{fetched}", str(shallow))
    draft = repository(shallow, tmp_path / "launch").draft(WANTED, incident="7f3a", slug="numpy")
    assert (draft.worktree / "bin/plot.py").read_text() == MENDED


def test_a_folder_that_is_no_repository_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    with pytest.raises(NoHistory, match=r"lab/pipe was fetched into .*, which git cannot read"):
        repository(tmp_path / "assets", tmp_path / "launch")


def test_no_hook_of_the_fetched_repository_runs(fetched: Path, tmp_path: Path) -> None:
    hook = fetched / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    repository(fetched, tmp_path / "launch").draft(WANTED, incident="7f3a", slug="numpy")
    assert not (tmp_path / "ran").exists()
