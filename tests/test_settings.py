"""heal.toml and the environment: defaults work, what heal does not know is an error that helps."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from heal.cli.project_files import commented
from heal.errors import BadSettings
from heal.home.places import home_folder
from heal.model_settings import Model
from heal.records import FixKind, Verdict
from heal.sections import Check
from heal.settings import Budget, Projects, Settings, load, sections


def written(folder: Path, text: str) -> Path:
    (folder / "heal.toml").write_text(text, encoding="utf-8")
    return folder


def refusal(folder: Path, env: dict[str, str] | None = None) -> str:
    with pytest.raises(BadSettings) as refused:
        load(folder, env or {"HOME": "/home/ada"})
    return str(refused.value)


def test_without_any_file_the_defaults_hold(tmp_path: Path):
    assert load(tmp_path, {"HOME": "/home/ada"}) == Settings(home=Path("/home/ada/.local/state/heal"))


def test_the_nearest_file_above_holds(tmp_path: Path):
    below = tmp_path / "results" / "deep"
    below.mkdir(parents=True)
    written(tmp_path, '[policy]\nresources = "ask"\n[budget]\nper_task = 5\n')
    found = load(below, {"HOME": "/home/ada"})
    assert (found.policy.of(FixKind.RESOURCES), found.budget) == (Verdict.ASK, Budget(per_task=5))


def test_a_variable_outranks_the_file(tmp_path: Path):
    written(tmp_path, "[budget]\nper_task = 5\n")
    assert load(tmp_path, {"HOME": "/h", "HEAL_BUDGET__PER_TASK": "7"}).budget == Budget(per_task=7)


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(tmp_path: Path):
    written(tmp_path, "# mine\n[budget]\nper_taks = 4\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}/heal.toml:3: unknown key 'budget.per_taks'; did you mean 'budget.per_task'?"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('base_url = "http://[::1"', "'model.x.base_url' is 'http://[::1': Value error, Invalid IPv6 URL."),
        (
            'base_url = "http://h:99999/v1"',
            "'model.x.base_url' is 'http://h:99999/v1': Value error, Port out of range 0-65535.",
        ),
        (
            'base_url = "http://h h/v1"',
            "'model.x.base_url' is 'http://h h/v1': Value error, write http://host:port/v1.",
        ),
        (
            'base_url = "http://me:key@h h/v1"',
            "'model.x.base_url' is 'http://…@h h/v1': Value error, write http://host:port/v1.",
        ),
        ('base_url = "http:///v1"', "'model.x.base_url' is 'http:///v1': Value error, write http://host:port/v1."),
    ],
)
def test_an_address_that_names_no_host_and_port_is_refused_with_its_line(tmp_path: Path, line: str, said: str):
    written(tmp_path, f'[model.x]\nmodel = "m"\n{line}\n')
    assert refusal(tmp_path) == f"{tmp_path}/heal.toml:3: {said}"


def test_a_key_is_in_a_variable_that_there_can_be(tmp_path: Path):
    written(tmp_path, '[model.x]\nmodel = "m"\nbase_url = "http://h"\nkey_env = "A=B"\n')
    assert refusal(tmp_path) == (
        f"{tmp_path}/heal.toml:4: 'model.x.key_env' is 'A=B': String should match pattern '^[^=\\s]*$'."
    )


def test_a_time_without_an_end_is_no_number(tmp_path: Path):
    written(tmp_path, "[slurm]\nstuck_after_s = inf\n")
    assert (
        refusal(tmp_path) == f"{tmp_path}/heal.toml:2: 'slurm.stuck_after_s' is inf: Input should be a finite number."
    )


def test_a_time_that_no_clock_can_be_moved_by_is_refused(tmp_path: Path):
    written(tmp_path, "[slurm]\nstuck_after_s = 1e14\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}/heal.toml:2: 'slurm.stuck_after_s' is 100000000000000.0: "
        "Input should be less than or equal to 3155760000."
    )


# what a setting's name ends in that is a time or a factor, and a number that overflows it
NUMBERS = dict.fromkeys(("_s", "seconds", "_minutes", "_min", "_days"), 1e14)
NUMBERS |= dict.fromkeys(("factor", "headroom", "margin"), 1e308)
NEEDED = {"check.x": 'command = "true"\n', "model.x": 'base_url = "http://h"\nmodel = "m"\n'}


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (name, key)
        for name, model in [
            *((name, model) for name, _doc, model in sections()),
            ("check.x", Check),
            ("model.x", Model),
        ]
        for key in model.model_fields
        if key.endswith(tuple(NUMBERS))
    ],
)
def test_no_setting_takes_a_number_that_cannot_be_reckoned_with(tmp_path: Path, section: str, key: str):
    most = next(most for end, most in NUMBERS.items() if key.endswith(end))
    written(tmp_path, f"[{section}]\n{NEEDED.get(section, '')}{key} = {most}\n")
    assert f"'{section}.{key}' is {most!r}: Input should be less than or equal to" in refusal(tmp_path)


def test_an_unknown_section_is_named_with_the_nearest_one(tmp_path: Path):
    written(tmp_path, "[polcy]\nretry = 'ask'\n")
    assert refusal(tmp_path) == f"{tmp_path}/heal.toml:1: unknown key 'polcy'; did you mean 'policy'?"


def test_a_value_that_does_not_fit_is_named_with_its_line(tmp_path: Path):
    written(tmp_path, "[policy]\nretry = 'never'\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}/heal.toml:2: 'policy.retry' is 'never': Input should be 'auto', 'ask' or 'refuse'."
    )


def test_an_unknown_variable_is_named(tmp_path: Path):
    said = refusal(tmp_path, {"HOME": "/h", "HEAL_BUDGET__PER_TSK": "7"})
    assert said == "HEAL_BUDGET__PER_TSK: unknown key 'budget.per_tsk'; did you mean 'budget.per_task'?"


def test_a_file_that_is_no_toml_says_so(tmp_path: Path):
    written(tmp_path, "[policy\n")
    assert refusal(tmp_path).startswith(f"{tmp_path}/heal.toml: cannot be read as TOML: ")


@pytest.mark.parametrize(
    ("env", "home"),
    [
        ({"HEAL_HOME": "/scratch/heal"}, "/scratch/heal"),
        ({"XDG_STATE_HOME": "/state"}, "/state/heal"),
        ({"HOME": "/home/ada"}, "/home/ada/.local/state/heal"),
    ],
)
def test_where_heal_keeps_its_state(env: dict[str, str], home: str):
    assert home_folder(env) == Path(home)


def test_the_file_that_init_writes_names_every_setting_and_changes_nothing(tmp_path: Path):
    # Given the commented file
    text = commented()
    # Then it parses to nothing but its sections, and holds each key once
    assert tomllib.loads(text) == {name: {} for name, _doc, _model in sections()}
    for _name, _doc, model in sections():
        for key in model.model_fields:
            assert f"\n# {key} = " in text
    # And it loads to the defaults
    assert load(written(tmp_path, text), {"HOME": "/h"}) == Settings(home=Path("/h/.local/state/heal"))


def test_a_changed_file_is_read_again_and_a_broken_one_makes_heal_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Given a project known to a long-lived heal
    monkeypatch.setenv("HEAL_HOME", "/h")
    own = Settings(home=Path("/h"))
    projects = Projects(own, lambda given: given)
    file = written(tmp_path, "[budget]\nper_task = 5\n") / "heal.toml"
    assert projects(str(tmp_path)).budget == Budget(per_task=5)
    # When its file changes
    written(tmp_path, "[budget]\nper_task = 7\n")
    os.utime(file, (1, 1))
    assert projects(str(tmp_path)).budget == Budget(per_task=7)
    # And when it cannot be understood any more
    written(tmp_path, "[budgte]\n")
    os.utime(file, (2, 2))
    # Then heal asks before anything in that project, and goes on
    policy = projects(str(tmp_path)).policy
    assert {policy.of(kind) for kind in FixKind} == {Verdict.ASK}
    assert policy.why(FixKind.RETRY) == (
        f"heal asks before anything: {tmp_path}/heal.toml:1: unknown key 'budgte'; did you mean 'budget'?"
    )
    assert projects("") == own
