"""Profiles, found and read by heal and by Snakemake's own parser: the same in both."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heal.engines.snakemake_profile import Profiles, files, profiles
from heal.errors import CannotApply

ENTRIES = "set-resources:\n  a:\n    mem_mb: 300\n    note: '7'\n  b:\n    runtime: 1:30\n"


def profile(folder: Path, text: str, name: str = "config.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_no_profile_says_nothing(tmp_path: Path) -> None:
    assert profiles(["-j2"], tmp_path, {"HOME": str(tmp_path)}) == Profiles()


def test_the_workflows_own_profile_outranks_the_others(tmp_path: Path) -> None:
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "Snakefile").write_text("")
    own = profile(tmp_path / "workflow" / "profiles" / "default", "set-resources:\n- a:mem_mb=1\n")
    site = profile(tmp_path / ".config" / "snakemake" / "site", ENTRIES)
    env = {"HOME": str(tmp_path), "SNAKEMAKE_PROFILE": "site"}
    assert files(["-j2"], tmp_path, env) == (site, own)
    assert profiles(["-j2"], tmp_path, env) == Profiles(("a:mem_mb=1",))
    assert files(["--profile", "none", "--workflow-profile=none"], tmp_path, env) == ()
    assert profiles(["--workflow-profile", "none"], tmp_path, env) == Profiles(
        ("a:mem_mb=300", "a:note='7'", "b:runtime=90")
    )


def test_the_newest_version_of_a_profile_is_read(tmp_path: Path) -> None:
    profile(tmp_path / "p", "jobs: 1\n")
    newest = profile(tmp_path / "p", "forceall: true\n", "profile.v9+.yaml")
    assert profiles(["--profile", "p"], tmp_path, {}) == Profiles((), f"forceall in {newest}")


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "__use_yte__: true\njobs: 1\n", "set-resources:\n  a: 3\n"])
def test_what_cannot_be_read_as_snakemake_would_is_refused(tmp_path: Path, text: str) -> None:
    profile(tmp_path / "p", text)
    with pytest.raises(CannotApply):
        profiles(["--profile", "p"], tmp_path, {})


def test_a_profile_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotApply, match="gone"):
        profiles(["--profile", "gone"], tmp_path, {})


@pytest.mark.snakemake
@pytest.mark.parametrize("text", [ENTRIES, "set-resources:\n- a:mem_mb=1\n- b:x=min(3, 4)\n"])
def test_snakemake_itself_reads_the_same(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = pytest.importorskip("snakemake.cli")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    path = profile(tmp_path / "p", text)
    ours = cli.parse_set_resources(list(profiles(["--profile", "p"], tmp_path, os.environ).set_resources))
    theirs = cli.get_argument_parser(profiles=[str(path)]).parse_args([]).set_resources
    assert {rule: {name: str(value) for name, value in of.items()} for rule, of in ours.items()} == {
        rule: {name: str(value) for name, value in of.items()} for rule, of in theirs.items()
    }
