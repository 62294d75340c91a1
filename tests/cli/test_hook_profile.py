"""heal hook install snakemake --edit-conf: a line in a profile of the user's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.cli.place import Place
from tests.cli.test_hook import below, said

from heal.home import marked


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("before", ["", "jobs: 4", "# mine\njobs: 4\nset-threads:\n  big: 3\n", "latency-wait: 5\r\n"])
def test_the_line_for_a_profile_comes_once_and_goes_without_a_trace(place: Place, before: str):
    # Given a profile of the user's, behind a link
    profile = place.work / "config.yaml"
    (place.work / "real.yaml").write_bytes(before.encode())
    profile.symlink_to("real.yaml")
    profile.chmod(0o640)
    # and a file beside it of a name that was heal's once
    place.file(".real.yaml.heal", "mine")
    words = ("install", "snakemake", "--edit-conf", str(profile))
    # When the line is put there, twice
    assert f"{profile}: 'logger: heal' is in\n" in said(place, *words)
    once = profile.read_bytes().decode()
    assert f"{profile} stays as it is, it names heal\n" in said(place, *words)
    # Then it stands there once, beside what was there, and nothing else was made
    assert profile.read_bytes().decode() == once
    assert (once.startswith(before), once.count("logger: heal"), profile.is_symlink()) == (True, 1, True)
    assert profile.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in place.work.iterdir()) == [".real.yaml.heal", "config.yaml", "real.yaml"]
    assert (place.work / ".real.yaml.heal").read_text() == "mine"
    # And taken away, twice, the file is as it was
    assert f"{profile}: heal's lines are out\n" in said(place, *words, "--uninstall")
    assert f"{profile} has none of heal's lines\n" in said(place, *words, "--uninstall")
    assert profile.read_bytes().decode() == before


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("logger: rich\n", 0, "names other loggers: make that line 'logger: [rich, heal]'"),
        ("logger:\n  - rich\n  - heal\n", 0, "stays as it is, it names heal"),
        ("{jobs: 4}\n", 2, "nothing can be added at its end"),
        ("jobs: 4\n...\n", 2, "nothing can be added at its end"),
        ("- jobs\n", 2, "is no profile"),
        ("jobs: [\n", 2, "is no YAML"),
        pytest.param(f"jobs: {'[' * 3000}\n", 2, "is nested too deeply", id="nested"),
        ("logger: {a: b}\n", 0, "stays as it is, it has something else than names for its logger\n"),
    ],
)
def test_a_profile_that_is_not_to_be_added_to_stays_as_it_is(place: Place, text: str, code: int, told: str):
    profile = place.file("config.yaml", text)
    assert told in said(place, "install", "snakemake", "--edit-conf", str(profile), code=code)
    assert profile.read_text() == text


@pytest.mark.parametrize("line", ["logger: heal\n", "logger: [rich, heal]\n", "logger: rich heal\n"])
def test_the_logger_stays_while_a_line_of_the_users_own_names_it(place: Place, line: str):
    # Given a profile that names heal by itself, and the logger
    profile = place.file("config.yaml", line)
    words = ("install", "snakemake", "--edit-conf", str(profile))
    said(place, *words)
    before = below(place.home / "hooks")
    # When both are to be taken away
    told = said(place, *words, "--uninstall", code=2)
    # Then the user is told, and Snakemake still finds what the line names
    assert f"{profile} names heal in a line of yours: take it out before" in told
    assert (profile.read_text(), below(place.home / "hooks")) == (line, before)


@pytest.mark.parametrize("words", [(), ("--uninstall",)])
def test_what_is_no_file_is_not_opened(place: Place, words: tuple[str, ...]):
    os.mkfifo(place.work / "config.yaml")
    profile = str(place.work / "config.yaml")
    assert "it is no regular file" in said(place, "install", "snakemake", "--edit-conf", profile, *words, code=2)


@pytest.mark.parametrize("there", ["", "profiles"])
def test_a_profile_that_is_not_there_is_made_and_goes_with_all_that_was_made_for_it(place: Place, there: str):
    # Given a workflow without a profile
    (place.work / there).mkdir(exist_ok=True)
    words = ("install", "snakemake", "--edit-conf", "profiles/default/config.yaml")
    # When the line is put there, twice
    assert "profiles/default/config.yaml: made, with 'logger: heal' in it\n" in said(place, *words)
    profile = place.work / "profiles" / "default" / "config.yaml"
    once = profile.read_text()
    assert "stays as it is, it names heal\n" in said(place, *words)
    # Then that is all it says
    assert (profile.read_text(), marked.without_block(once), YAML(typ="safe").load(once)) == (
        once,
        "",
        {"logger": "heal"},
    )
    # And taken away, twice, nothing of it is left
    assert "removed profiles/default/config.yaml, which heal had made\n" in said(place, *words, "--uninstall")
    assert "profiles/default/config.yaml is not there\n" in said(place, *words, "--uninstall")
    assert [path.name for path in place.work.iterdir()] == ([there] if there else [])


def test_a_profile_that_heal_made_stays_when_its_user_has_written_in_it(place: Place):
    words = ("install", "snakemake", "--edit-conf", "config.yaml")
    said(place, *words)
    profile = place.work / "config.yaml"
    profile.write_text(profile.read_text() + "jobs: 4\n")
    assert "heal's lines are out" in said(place, *words, "--uninstall")
    assert profile.read_text() == "jobs: 4\n"


def test_what_is_done_is_not_told_as_still_to_do(place: Place):
    # Given a profile that names heal now, and one whose own line is for its user to change
    place.file("theirs.yaml", "logger: rich\n")
    told = said(place, "install", "snakemake", "--edit-conf", "config.yaml")
    # Then of the first only what Snakemake's environment may need is told
    assert [line for line in told.splitlines() if not line.startswith("#")] == [
        "config.yaml: made, with 'logger: heal' in it",
        f'export PYTHONPATH="${{PYTHONPATH:+$PYTHONPATH:}}"{place.home}/hooks/snakemake/python',
    ]
    assert "; add" not in told
    assert "onerror:" in said(place, "install", "snakemake", "--edit-conf", "theirs.yaml")


def test_a_profile_that_cannot_be_made_is_one_line(place: Place):
    place.file("file", "")
    told = said(place, "install", "snakemake", "--edit-conf", "file/config.yaml", code=2)
    assert told.startswith("heal: file/config.yaml cannot be made: ")
    assert told.count("\n") == 1
