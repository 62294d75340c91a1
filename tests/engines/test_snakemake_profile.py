"""Profiles, found and read by heal and by Snakemake's own parser: the same in both."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from heal.engines.snakemake_profile import Profiles, files, finds_snakefile, named, profiles
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


@pytest.mark.snakemake
@pytest.mark.parametrize(
    "value",
    ["site", "a b", "[a, b]", '["a", "b"]', "[a", "none", "[none]", "[1, a]", "[]", " site ", "./p/config.yaml"],
)
@pytest.mark.parametrize("words", [[], ["--profile", "x"], ["--profile=x", "--cores", "1", "--profile", "y"]])
def test_profiles_are_named_as_snakemake_reads_them(
    value: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = pytest.importorskip("snakemake.cli")
    monkeypatch.setenv("SNAKEMAKE_PROFILE", value)
    assert list(named(words, os.environ)) == (cli.get_argument_parser().parse_args(words).profile or [])


def test_several_profiles_of_the_environment_are_read_in_order(tmp_path: Path) -> None:
    first = profile(tmp_path / "p", ENTRIES)
    second = profile(tmp_path / "q", "set-resources:\n- a:mem_mb=1\nsnakefile: other.smk\n")
    env = {"HOME": str(tmp_path), "SNAKEMAKE_PROFILE": "[p, q]"}
    assert files([], tmp_path, env) == (first, second)
    assert profiles([], tmp_path, env) == Profiles(("a:mem_mb=1",), snakefile="other.smk")


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


@pytest.mark.parametrize(
    ("words", "value", "finds"),
    [
        ("-c1", "", True),
        ("-p -n --set-threads one=2 --summary --printshellcmds -c1", "", True),
        # it is named, in every way that argparse takes
        ("-s x.smk", "", False),
        ("--snakefile=x.smk", "", False),
        ("-sx.smk", "", False),
        ("-nps x.smk", "", False),
        ("--snakefil x.smk", "", False),
        ("--sn=x.smk", "", False),
        # a profile names it, or cannot be read, or is named by half a word
        ("--profile slurm", "", True),
        ("--profile other", "", False),
        ("--profile gone", "", False),
        ("--prof=slurm", "", False),
        ("--work slurm", "", False),
        ("--workflow-profile other", "", False),
        ("-c1", "slurm", True),
        ("-c1", "other", False),
        ("-c1", "[slurm, other]", False),
        ("-c1", "gone", False),
        ("--profile none", "other", True),
        ("--profile slurm", "other", True),
    ],
)
def test_whether_snakemake_takes_the_snakefile_that_it_finds(
    tmp_path: Path, words: str, value: str, finds: bool
) -> None:
    (tmp_path / "Snakefile").write_text("")
    profile(tmp_path / "slurm", "executor: slurm\n")
    profile(tmp_path / "other", "snakefile: other.smk\n")
    env = {"HOME": str(tmp_path), "SNAKEMAKE_PROFILE": value}
    assert finds_snakefile(words.split(), tmp_path, env) is finds


def test_a_profile_that_the_workflow_brings_along_may_name_another_one(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text("")
    profile(tmp_path / "profiles/default", "jobs: 2\n")
    assert finds_snakefile([], tmp_path, {})
    profile(tmp_path / "profiles/default", "snakefile: other.smk\n")
    assert not finds_snakefile([], tmp_path, {})


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
