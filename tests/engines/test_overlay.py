"""What is kept for a project's rules, and the Snakemake command line that asks for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heal.engines.overlay import entries, given, keep, load
from heal.errors import CannotApply

ENV = {"HOME": "/nowhere"}


def test_what_is_kept_is_there_again_and_git_does_not_see_it(tmp_path: Path):
    # Given one rule that is kept
    path = keep(tmp_path, {"align": {"mem_mb": 5600, "runtime": 60}})
    # When another is, and one figure of the first
    keep(tmp_path, {"align": {"mem_mb": 4100}, "sort": {"runtime": 5}})
    # Then the rest stays
    assert load(tmp_path) == {"align": {"mem_mb": 4100, "runtime": 60}, "sort": {"runtime": 5}}
    assert path == tmp_path / ".heal" / "resources.json"
    assert (tmp_path / ".heal" / ".gitignore").read_text().endswith("\n*\n")
    assert sorted(one.name for one in path.parent.iterdir()) == [".gitignore", "resources.json"]
    assert entries(load(tmp_path)) == ("align:mem_mb=4100", "align:runtime=60", "sort:runtime=5")


def test_without_a_file_the_command_is_as_it_was(tmp_path: Path):
    assert given(("bash", "run.sh"), tmp_path, ENV) == ("bash", "run.sh")


def test_snakemake_asks_for_what_is_kept(tmp_path: Path):
    keep(tmp_path, {"align": {"mem_mb": 5600}})
    assert given(("snakemake", "-j2", "--", "all"), tmp_path, ENV) == (
        "snakemake", "-j2", "--set-resources", "align:mem_mb=5600", "--", "all"
    )  # fmt: skip


def test_what_the_user_says_outranks_it(tmp_path: Path):
    keep(tmp_path, {"align": {"mem_mb": 5600, "runtime": 60}})
    argv = ("snakemake", "--set-resources", "align:mem_mb=9000", "sort:mem_mb=1", "-j2")
    assert given(argv, tmp_path, ENV) == (
        "snakemake", "-j2", "--set-resources", "align:mem_mb=9000", "sort:mem_mb=1", "align:runtime=60"
    )  # fmt: skip


def test_of_a_profile_the_rest_is_kept(tmp_path: Path):
    # Given a profile with requests of its own, which one on the command line would replace as a whole
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "config.yaml").write_text("set-resources:\n  align:\n    mem_mb: 100\n  sort:\n    mem_mb: 200\n")
    keep(tmp_path, {"align": {"mem_mb": 5600}})
    found = given(("snakemake", "--profile", "profile"), tmp_path, ENV)
    assert found[-3:] == ("--set-resources", "sort:mem_mb=200", "align:mem_mb=5600")


def test_what_is_no_snakemake_cannot_be_given_it(tmp_path: Path):
    keep(tmp_path, {"align": {"mem_mb": 5600}})
    with pytest.raises(CannotApply, match="not started as snakemake"):
        given(("bash", "run.sh"), tmp_path, ENV)


@pytest.mark.parametrize("text", ["", "[]", '{"rules": []}', json.dumps({"rules": {"a": {"mem_mb": "x"}}})])
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str):
    keep(tmp_path, {"align": {"mem_mb": 5600}}).write_text(text)
    with pytest.raises(CannotApply, match=r"resources\.json cannot be read"):
        load(tmp_path)
