"""The chain's file: what heal ships, what a person may write instead, and what is said of mistakes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chain.house import GOOD, HIDES, Script, assignment, house

from heal.chain.answer import Class
from heal.chain.chain import Chain
from heal.chain.parts import Parts
from heal.chain.plan import When
from heal.chain.plan_file import default_file, load
from heal.chain.prompts import Prompts
from heal.errors import BadChain, ModelsSilent
from heal.patch import Size
from heal.records import Label

OWN = default_file().read_text(encoding="utf-8")
OPINION = """
  second_opinion:
    gives: review
    route: elsewhere
    prompt: second.j2
    schema: {type: object, properties: {root: {}, hides: {}, more_than_asked: {}, why: {}}}

  writer:"""


def written(folder: Path, text: str) -> Path:
    file = folder / "chain.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def said(folder: Path, *changes: tuple[str, str]) -> str:
    """What is said of heal's own chain with a mistake in it, without the file's name."""
    text = OWN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = written(folder, text)
    with pytest.raises(BadChain) as raised:
        load(file)
    return str(raised.value).removeprefix(str(file))


def line_of(words: str) -> int:
    return next(n for n, line in enumerate(OWN.splitlines(), 1) if words in line)


def test_the_chain_heal_ships():
    plan = load()
    assert [(name, role.kind, role.gives) for name, role in plan.roles.items()] == [
        ("triage", "model", "triage"),
        ("coder", "model", "edits"),
        ("tester", "tester", None),
        ("reviewer", "model", "review"),
        ("writer", "model", "message"),
    ]
    assert (plan.loop.start, plan.loop.to, plan.loop.rounds) == ("coder", ("tester", "reviewer"), 3)
    assert Prompts().troubles(plan) == []


@pytest.mark.parametrize("role", ["triage", "reviewer", "writer"])
def test_what_a_model_has_to_fill_in_is_short(role: str):
    # a weak model keeps to a form of a few flat fields, and to a text that has an end
    schema = load().roles[role].answer
    assert (len(schema["properties"]) <= 5, len(json.dumps(schema)) < 700) == (True, True)
    assert [one for one in _parts(schema) if one.get("type") == "string" and "maxLength" not in one] == []
    assert [one for one in _parts(schema) if one.get("type") == "array" and "maxItems" not in one] == []


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all that it is made of."""
    yield schema
    for one in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from _parts(one)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path):
    line = line_of("retries: 1")
    assert said(tmp_path, ("retries: 1", "retires: 1")) == (
        f":{line}: unknown key 'roles.triage.retires'; did you mean 'retries'?"
    )
    assert said(tmp_path, ("loop: {from", "loop: {form")).endswith("'loop.form'; did you mean 'from'?")
    assert said(tmp_path, ("sizes:", "size:")).endswith("unknown key 'size'; did you mean 'sizes'?")
    assert said(tmp_path, ("{size: simple}", "{sise: simple}")).endswith("did you mean 'size'?")
    assert "known keys: roles, loop, sizes" in said(tmp_path, ("sizes:", "quux:"))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("gives: edits", "gives: patches", "'roles.coder.gives': Input should be 'triage', 'edits', 'review', 'note'"),
        ("rounds: 3", "rounds: 99", "'loop.rounds': Input should be less than or equal to 10"),
        ("from: coder", "from: codr", "loop: no role is called codr; the roles are triage, coder, tester"),
        ("to: [tester, reviewer]", "to: [reviewer]", "'to' names all roles between 'from' and the last one"),
        ("to: [tester, reviewer]", "to: [tester]", "roles.reviewer: what may send a patch back stands inside the loop"),
        ("kind: tester", "kind: tester\n    prompt: x.j2", "a tester is no model and takes no prompt"),
        ("prompt: coder.j2", "prompt: ../coder.j2", "'roles.coder.prompt': String should match pattern"),
        ("prompt: coder.j2", "prompt: coder.j2\n    schema: {type: object}", "code does not travel inside JSON"),
        ("hides: {type: boolean}", "hidden: {type: boolean}", "its schema lacks hides, which review is made of"),
        ("    prompt: writer.j2\n", "", "'roles.writer': a model needs prompt"),
        ("{size: simple}", "{}", "it names no condition"),
        ("gives: message", "gives: edits", "no schema, code does not travel inside JSON"),
        (
            "    parallel: 4\n",
            "    parallel: 4\n    skip: [{size: simple}]\n",
            "coder and its tester are never left out",
        ),
    ],
)
def test_what_cannot_work_is_said(tmp_path: Path, old: str, new: str, what: str):
    assert what in said(tmp_path, (old, new))


def test_a_chain_need_not_ask_for_the_kind_of_failure(tmp_path: Path):
    text = OWN.replace("gives: triage", "gives: note").replace("    least_sure: 0.3\n", "")
    assert load(written(tmp_path, text)).roles["triage"].gives == "note"


@pytest.mark.parametrize(
    ("old", "key", "what"),
    [
        ("gives: triage", "samples: 3", "'roles.triage': samples is for the coder alone."),
        ("gives: triage", "checks: [replay]", "'roles.triage': checks is for the tester alone."),
        ("gives: review", "parallel: 2", "'roles.reviewer': parallel is for the coder and the tester alone."),
        ("gives: review", "least_sure: 0.5", "'roles.reviewer': least_sure is for triage alone."),
        ("gives: message", "spread: 0.9", "'roles.writer': spread is for the coder alone."),
        ("gives: edits", "max_tokens: 900", "'roles.coder': max_tokens is for others than the coder: its model's own"),
        ("kind: tester", "temperature: 0.5", "'roles.tester': a tester is no model and takes no temperature."),
        ("kind: tester", "retries: 2", "'roles.tester': a tester is no model and takes no retries."),
    ],
)
def test_a_key_that_would_do_nothing_is_refused(tmp_path: Path, old: str, key: str, what: str):
    line = line_of(old) - 1
    assert said(tmp_path, (old, f"{old}\n    {key}")).startswith(f":{line}: {what}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("roles: [", "is not YAML"),
        ("- a\n- b\n", "holds no mapping"),
        ("\xff", "holds no mapping"),
        ("#" * 300_000, "at most 256 KiB"),
        ("{}", "'roles': Field required"),
    ],
)
def test_what_is_no_chain_is_said(tmp_path: Path, text: str, what: str):
    with pytest.raises(BadChain, match=what):
        load(written(tmp_path, text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(BadChain, match=r"none\.yaml: the healing chain cannot be read: No such file"):
        load(tmp_path / "none.yaml")


def test_a_condition_holds_where_all_of_it_does():
    when = When(size=Size.SIMPLE, confidence_over=0.9, label=(Label.SCRIPT_ERROR,))
    sure = assignment().diagnosis
    assert not when.holds(sure, Size.SIMPLE, None)
    assert When(confidence_over=0.5).holds(sure, Size.BIG, None)
    assert When(label=(Label.SCRIPT_ERROR,)).holds(sure, Size.BIG, None)
    assert not When(triage=(Class.DEFECT,)).holds(sure, Size.BIG, None)


# --- a person's own chain ----------------------------------------------------------------------


def own_chain(folder: Path, script: Script) -> Chain:
    """The chain heal ships, and one more reviewer, with a prompt of its own: a file and a prompt, no Python."""
    (folder / "prompts").mkdir()
    (folder / "prompts" / "second.j2").write_text('{% include "ground.j2" %}\nThink of {{ engine }} alone.\n')
    text = OWN.replace("\n  writer:", OPINION, 1).replace("[tester, reviewer]", "[tester, reviewer, second_opinion]")
    file = written(folder, text)
    here = house()
    prompts = Prompts(file)
    assert prompts.troubles(load(file)) == []
    return Chain(load(file), prompts, script, Parts(here.builder, here, here.shelf, here))


def test_a_new_role_with_its_own_prompt_and_model_needs_no_python(tmp_path: Path):
    # Given a chain with a second opinion that asks another route
    script = house().script
    script.says = {**script.says, "elsewhere": GOOD}
    script.models = {"elsewhere": "large"}
    # When it runs
    answer = own_chain(tmp_path, script).run(assignment())
    # Then both looked at the change, the second by its own prompt
    assert [(one.role, one.by) for one in answer.reviews] == [("reviewer", "small"), ("second_opinion", "large")]
    assert answer.draft is not None
    assert "Think of snakemake alone." in script.told("elsewhere")[0]
    assert "You work on a scientific pipeline" in script.told("elsewhere")[0]


def test_the_second_opinion_counts(tmp_path: Path):
    script = house().script
    script.says = {**script.says, "elsewhere": HIDES}
    answer = own_chain(tmp_path, script).run(assignment())
    assert (answer.draft, answer.why[-1]) == (
        None,
        "second_opinion: it hides the failure and it does not touch the root cause: it swallows the error",
    )


def test_a_note_is_told_to_those_who_come_after(tmp_path: Path):
    # Given a role before the coder that only says something
    note = "  locator:\n    gives: note\n    prompt: triage.j2\n\n  coder:"
    file = written(tmp_path, OWN.replace("  coder:", note, 1))
    here = house(locator="it is line 4 of scripts/report.py")
    # When the chain runs
    answer = here.chain(load(file)).run(assignment())
    # Then coder and reviewer were told, and a locator that is silent would not matter
    assert answer.draft is not None
    assert "What locator says:\nit is line 4 of scripts/report.py" in here.script.told("coder")[0]
    assert "What locator says:\nit is line 4" in here.script.told("reviewer")[0]


def test_a_note_that_is_not_had_holds_nothing_up(tmp_path: Path):
    note = "  locator:\n    gives: note\n    prompt: triage.j2\n\n  coder:"
    file = written(tmp_path, OWN.replace("  coder:", note, 1))
    for silent in (ModelsSilent("too slow"), ""):
        here = house(locator=silent)
        answer = here.chain(load(file)).run(assignment())
        assert answer.draft is not None
        assert "What locator says" not in here.script.told("coder")[0]
