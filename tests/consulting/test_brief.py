"""What may be told of an incident, gathered from a real store and a real repository."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.consulting.given import FOUND, commit, day, event, fails, project
from tests.payload.repositories import LOG, SNAKEMAKE

from heal.cases import Finding, Sight
from heal.consulting.brief import Known, brief
from heal.consulting.matters import matter_of
from heal.consulting.ready import ready
from heal.consulting.repositories import repository_in
from heal.consulting.sending import Sending
from heal.consulting.talk import Talk, project_context
from heal.dialogue import Question, Reply
from heal.journal import Applied, Applying, Approved, Body, Consulted, Decided, Observed, Proposed
from heal.patch import Draft
from heal.payload.archive import Archive
from heal.payload.context import CHANGED, CHANGED_LATELY, Context
from heal.records import Change, Diagnosis, Fix, FixKind, Outcome, Verdict
from heal.settings import Settings, load
from heal.steps.consult import Matter
from heal.store import Store

BEFORE, AFTER = (SNAKEMAKE["scripts/plot.py"].replace("append({})", f"append({{{what}}})") for what in ("1: 2", "3: 4"))
MORE = Fix(FixKind.RESOURCES, "plot", (Change("memory_mb", 400.0, 800.0),))
PATCH = Fix(FixKind.PATCH, "plot", (Change("files", None, "scripts/plot.py"),), "Call what pandas has")
SAME = Outcome.SAME_FAILURE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "heal.db") as opened:
        yield opened


def told(matter: Matter, folder: Path, known: Known = lambda _ours, _most: ()) -> Context:
    """What may be told of it."""
    settings = Settings(home=folder.parent / "home")
    made, _assignment = brief(matter, settings, repository_in(folder, settings), known)
    return made.context


def tries(store: Store, matter: Matter, *tried: tuple[Fix, Outcome]) -> str:
    """Let these be tried on an incident, each with what came of it; its id."""
    for number, (fix, outcome) in enumerate(tried):
        token = f"t{number}-{matter.incident.id}"
        bodies: list[Body] = [Proposed(fix), Decided(Verdict.ASK, "policy"), Approved("me"), Applying(token, fix)]
        for body in (*bodies, Applied(token), Observed(token, outcome)):
            store.append(matter.incident.id, len(store.journal(matter.incident.id)) + 1, body, day(9))
    return matter.incident.id


def test_what_changed_since_the_task_last_went_well_is_told(tmp_path: Path, store: Store) -> None:
    # Given a change of the line that the failure names, a success, and another change of that line
    root = project(tmp_path / "rnaseq")
    older = commit(root, "an older one", {"scripts/plot.py": BEFORE}, day(5))
    store.take(event("run_started", root, day(10, 9)))
    store.take(event("task_finished", root, day(10), "S2"))
    newer = commit(root, "a newer one", {"scripts/plot.py": AFTER}, day(12))
    # When another task of the process fails
    context = told(fails(store, root, day(13)), root)
    # Then the newer one is told, and the older one is not
    assert context.texts[CHANGED] == (
        f"scripts/plot.py:6 changed in {newer} 'a newer one' (2026-03-12, after this task last succeeded on "
        "2026-03-10 12:00 UTC): - return table.append({1: 2}) + return table.append({3: 4})"
    )
    assert older not in str(context.texts)


def test_where_no_task_went_well_nothing_says_so(tmp_path: Path, store: Store) -> None:
    root = project(tmp_path / "rnaseq")
    only = commit(root, "the only one", {"scripts/plot.py": AFTER}, day(12))
    store.take(event("run_started", root, day(12, 13)))
    # Given a success of a process that this one is not
    store.take(event("task_finished", root, day(12, 14), "S2", process="align"))
    context = told(fails(store, root, day(13)), root)
    assert CHANGED not in context.texts
    assert context.texts[CHANGED_LATELY].startswith(f"scripts/plot.py:6 changed in {only} 'the only one' (2026-03-12):")


def test_a_run_in_a_folder_below_the_root_is_told_the_same(tmp_path: Path, store: Store) -> None:
    root = project(tmp_path / "rnaseq")
    (root / "runs").mkdir()
    store.take(event("run_started", root / "runs", day(10, 9)))
    store.take(event("task_finished", root / "runs", day(10), "S2"))
    newer = commit(root, "a newer one", {"scripts/plot.py": AFTER}, day(12))
    context = told(fails(store, root / "runs", day(13)), root)
    assert context.texts[CHANGED].startswith(f"scripts/plot.py:6 changed in {newer} ")


def test_what_was_looked_up_for_the_diagnosis_is_told(tmp_path: Path, store: Store) -> None:
    # Given findings, one of a change before the task went well once more
    root = project(tmp_path / "rnaseq")
    commit(root, "an older one", {"scripts/plot.py": BEFORE}, day(5))
    store.take(event("run_started", root, day(10, 9)))
    store.take(event("task_finished", root, day(10), "S2"))
    seen = Finding(Sight.ABSENT, "bam/S1.bam", "bam/S1.bam is not there")
    changed = Finding(Sight.CHANGED, "scripts/plot.py", "scripts/plot.py:6 changed in 0000000 'an older one'")
    context = told(fails(store, root, day(13), findings=(seen, changed)), root)
    assert context.texts["what was looked up"] == "bam/S1.bam is not there"
    assert "an older one" not in str(context.texts)


def test_what_helped_and_what_did_not_on_earlier_incidents_like_it_is_told_and_sent(
    tmp_path: Path, store: Store
) -> None:
    # Given two of the same process and cause in the store: a patch healed one after more memory did not, none the other
    root = project(tmp_path / "rnaseq")
    store.take(event("run_started", root, day(4, 9)))
    healed = tries(store, fails(store, root, day(4), sample="S3"), (MORE, SAME), (PATCH, Outcome.HEALED))
    in_vain = tries(store, fails(store, root, day(5), sample="S4"), (MORE, SAME))
    # When it fails again
    matter = fails(store, root, day(13))
    context = told(matter, root, store.newest_in)
    # Then both are told, with what did not help as well as with what did
    like = "(the same process and cause): pandas 2 has no append"
    more = "resources memory_mb 400 -> 800: same failure"
    lines = [
        f"{in_vain} plot {like} | {more}",
        f"{healed} plot {like} | {more}; patch of scripts/plot.py (Call what pandas has): healed",
    ]
    assert context.texts["earlier incidents like it"].splitlines() == lines
    # and they stand in the first question
    settings = Settings(home=tmp_path / "home")
    [first, *_others] = ready(matter, settings, repository_in(root, settings), store.newest_in).all_shown(
        lambda _: 8000
    )
    assert "\n".join(lines) in "".join(message.text for message in first.payload.messages)


@pytest.mark.parametrize(
    ("came", "is_told"),
    [
        pytest.param((), False, id="it waits"),
        pytest.param((Outcome.HEALED,), False, id="it healed"),
        pytest.param((Outcome.REFUSED,), False, id="it was never put into the files"),
        pytest.param((SAME,), True, id="it failed the same way"),
    ],
)
def test_a_patch_is_told_as_one_that_did_not_help_only_where_it_was_tried_and_did_not(
    tmp_path: Path, store: Store, came: tuple[Outcome, ...], is_told: bool
) -> None:
    # Given an incident with a patch
    root = project(tmp_path / "rnaseq")
    store.take(event("run_started", root, day(4, 9)))
    one = fails(store, root, day(4)).incident.id
    draft = Draft(root, root, "b", "1", "2", "3", root, ("scripts/plot.py",), "Call what pandas has", "")
    store.append(one, 2, Consulted("", draft), day(5))
    # And what came of it, where anybody wanted it
    tries(store, matter_of(store, one, lambda _run, _try: {}), *((PATCH, outcome) for outcome in came))
    # When models are to be asked once more
    matter = matter_of(store, one, lambda _run, _try: {})
    settings = Settings(home=tmp_path / "home")
    [first, *_others] = ready(matter, settings, repository_in(root, settings), store.newest_in).all_shown(
        lambda _: 8000
    )
    # Then they hear that it did not help only where it did not
    said = "Call what pandas has (scripts/plot.py): the task failed the same way"
    assert (said in "".join(message.text for message in first.payload.messages)) is is_told


# --- of which runs -----------------------------------------------------------------------------


def like(cause: str) -> Diagnosis:
    """What was found of an incident that is like all others here, with words of its own."""
    return replace(FOUND, cause=cause)


def all_texts(store: Store, matter: Matter, folder: Path) -> str:
    """All that the roles of the chain are asked about an incident."""
    settings = load(folder)
    made = ready(matter, settings, repository_in(folder, settings), store.newest_in)
    return "".join(text.text for one in made.all_shown(lambda _: 8000) for text in one.payload.messages)


def test_of_another_project_nothing_is_told(tmp_path: Path, store: Store) -> None:
    # Given the same failure in a project that keeps its own to itself, and in this one, which lets them leave
    root, other = project(tmp_path / "rnaseq"), project(tmp_path / "patients")
    (root / "heal.toml").write_text("[privacy]\nremote = 'allow'\n")
    (other / "heal.toml").write_text("[privacy]\nremote = 'never'\npatterns = ['PAT-[0-9]+']\n")
    theirs = fails(store, other, day(4), run_id="theirs", found=like("PAT-7 has no reads"))
    tries(store, theirs, (MORE, SAME))
    ours = fails(store, root, day(5), sample="S3", found=like("S3 has no reads"))
    matter = fails(store, root, day(13))
    # When models are to be asked about this one's newest, or a person asks about it as a whole
    said = all_texts(store, matter, root)
    facts = project_context(root, "what failed?", store.newest_in).facts
    # Then only what was in this project is told
    assert (f"{ours.incident.id} plot (the same process and cause): S3 has no reads" in said, "PAT-7" in said) == (
        True,
        False,
    )
    assert facts == (
        f"incident {matter.incident.id}, plot, diagnosed: pandas 2 has no append",
        f"incident {ours.incident.id}, plot, diagnosed: S3 has no reads",
    )
    # and of the other one what was there
    assert "PAT-7" in str(project_context(other, "what failed?", store.newest_in).facts)


def test_a_project_is_what_lies_in_one_repository_under_one_heal_toml(tmp_path: Path, store: Store) -> None:
    # Given runs in folders of one repository; one of them has settings of its own, one lies beside it, one is gone
    root = project(tmp_path / "rnaseq")
    (root / "heal.toml").write_text("[privacy]\nremote = 'allow'\n")
    for name in ("runs/a", "runs/b", "runs/private", "../rnaseq-2", "runs/gone"):
        (root / name).mkdir(parents=True)
    (root / "runs/private/heal.toml").write_text("[privacy]\nremote = 'never'\n")
    for number, name in enumerate((".", "runs/b", "runs/private", "../rnaseq-2", "runs/gone"), start=2):
        folder = (root / name).resolve()
        fails(store, folder, day(number), run_id=folder.name, found=like(f"it failed in {folder.name}"))
    (root / "runs/gone").rmdir()
    # When a run in one of them fails
    matter = fails(store, root / "runs/a", day(13), run_id="a")
    context = told(matter, root, store.newest_in)
    # Then those under the same settings are told of
    causes = [one.cause for one in context.past]
    assert causes == ["it failed in b", "it failed in rnaseq"]


def test_where_the_pipeline_lies_elsewhere_the_project_is_the_folder_of_the_run(tmp_path: Path, store: Store) -> None:
    # Given a pipeline that two folders are run from
    root = project(tmp_path / "pipelines/rnaseq")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    fails(store, tmp_path / "two", day(3), run_id="two", found=like("PAT-7 has no reads"))
    fails(store, tmp_path / "one", day(4), run_id="one", sample="S3", found=like("S3 has no reads"))
    # When it fails once more in one of them
    context = told(fails(store, tmp_path / "one", day(13), run_id="one"), root, store.newest_in)
    # Then what failed in the other is not told
    assert [one.cause for one in context.past] == ["S3 has no reads"]


# --- what a run's own environment keeps secret -------------------------------------------------

OWN = "s3cr3t-two"


class Unasked:
    """Has no window, and is asked nothing."""

    def ask(self, question: Question, **_how: object) -> Reply:
        raise AssertionError(question)

    def window(self, _role: str) -> int | None:
        return None


@pytest.mark.parametrize("kept", [False, True], ids=["no environment was kept", "one was kept"])
def test_a_secret_of_the_runs_own_environment_is_in_no_question(tmp_path: Path, store: Store, kept: bool) -> None:
    # Given a run with a password in its environment, which heal's own has not
    root = project(tmp_path / "rnaseq", SNAKEMAKE | {"config/config.yaml": f"samples: [S1]\nbwa_extra: {OWN}\n"})
    env_file = tmp_path / "env.json"
    env_file.write_text(json.dumps({"DB_PASSWORD": OWN, "MODE": "fast-and-loose"}), encoding="utf-8")
    store.take(event("run_started", root, day(4, 9), **({"env_file": str(env_file)} if kept else {})))
    # And that its log, its cause and a file say it, where nothing gives it away
    in_base64 = base64.b64encode(OWN.encode()).decode()
    log = f"{LOG}the server does not know {OWN}, nor {in_base64}, in fast-and-loose\n"
    matter = fails(store, root, day(13), log=log, found=like(f"nobody is called {OWN}"))
    # When models are to be asked, or a person asks
    settings = Settings(home=tmp_path / "home")
    repository = repository_in(root, settings)
    made = ready(matter, settings, repository, store.newest_in)
    texts = [text.text for one in made.all_shown(lambda _: 8000) for text in one.payload.messages]
    sending = Sending(matter.incident.id, Unasked(), Archive(root), lambda: day(13))
    talk = Talk(sending, made.brief.context, made.redactor())
    said = "".join([*texts, *(text.text for text in talk.payload(f"Who is {OWN}?").messages)])
    # Then it stands in no question, in whatever form, and what is no secret does
    assert [each in said for each in (OWN, in_base64)] == [not kept, not kept]
    assert "in fast-and-loose" in said
    assert ("nobody is called <secret-" in said, "Who is <secret-" in said) == (kept, kept)
