"""Snakemake command lines, read and written; what comes out is read again by Snakemake's own parser."""

from __future__ import annotations

import base64

import pytest

from heal.engines.snakemake_argv import CommandLine, again, merged, read, unlocking, value_of, values_of
from heal.errors import CannotApply

START = ("/env/bin/python3.11", "/env/bin/snakemake")


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        ((*START, "-j2", "out"), CommandLine(START, ("-j2", "out"))),
        (("python", "-m", "snakemake", "-n"), CommandLine(("python", "-m", "snakemake"), ("-n",))),
        (("snakemake", "-j2", "--", "-x"), CommandLine(("snakemake",), ("-j2",), ("-x",), separated=True)),
        (("snakemake", "--"), CommandLine(("snakemake",), (), (), separated=True)),
    ],
)
def test_a_command_line_is_told_from_what_starts_it(argv: tuple[str, ...], line: CommandLine) -> None:
    assert read(argv) == line
    assert line.words(line.options) == argv


@pytest.mark.parametrize("argv", [(), ("make", "all"), ("python", "workflow.py"), ("bash", "-c", "snakemake")])
def test_what_is_no_snakemake_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(CannotApply):
        read(argv)


@pytest.mark.parametrize(
    ("options", "entries", "expected"),
    [
        ("-j2", "", "-j2 --rerun-incomplete"),
        ("-j2 --ri out", "a:mem_mb=5", "-j2 --ri out --set-resources a:mem_mb=5"),
        ("out --config a=1 -j2", "a:mem_mb=5", "out --config a=1 -j2 --rerun-incomplete --set-resources a:mem_mb=5"),
        ("-F -j2", "", "-j2 --rerun-incomplete"),
        ("--forceall out", "", "--rerun-incomplete out"),
        ("--config a=1 -f out", "", "--config a=1 --rerun-incomplete out"),
        ("-kpF -j2", "", "-kp -j2 --rerun-incomplete"),
        ("-R a b -j2 out", "", "-j2 out --rerun-incomplete"),
        ("-j2 --forcerun a b", "", "-j2 --rerun-incomplete"),
        ("--config a=1 --forcerun=a out", "", "--config a=1 --rerun-incomplete out"),
        ("-Ra out", "", "--rerun-incomplete out"),
        ("--force-use-threads out", "", "--force-use-threads out --rerun-incomplete"),
        ("--set-resources a:mem_mb=1 b:x=2 -j2", "a:mem_mb=5", "-j2 --rerun-incomplete --set-resources a:mem_mb=5"),
        ("--set-resources a:mem_mb=1 -j2", "", "--set-resources a:mem_mb=1 -j2 --rerun-incomplete"),
        ("-j2 -- out", "a:mem_mb=5", "-j2 --rerun-incomplete --set-resources a:mem_mb=5 -- out"),
    ],
)
def test_a_run_is_started_again_for_what_is_unfinished(options: str, entries: str, expected: str) -> None:
    assert again(read(("snakemake", *options.split())), entries.split()) == ("snakemake", *expected.split())


def test_starting_again_twice_changes_nothing_more() -> None:
    once = again(read(("snakemake", "-F", "out", "-j2")), ["a:mem_mb=5"])
    assert again(read(once), ["a:mem_mb=5"]) == once


def test_words_with_spaces_and_line_breaks_stay_as_they_are() -> None:
    argv = ("snakemake", "--config", "x=a b\nc", "", "-j2")
    assert again(read(argv), []) == (*argv, "--rerun-incomplete")


def test_what_is_there_and_refused_is_made_again_once() -> None:
    line = read(("snakemake", "-j2", "all"))
    argv = again(line, ("a:mem_mb=1",), remade=("out/a.bam",))
    assert argv[2:] == ("all", "--rerun-incomplete", "--forcerun", "out/a.bam", "--set-resources", "a:mem_mb=1")
    # a later launch does not make it yet again
    assert "--forcerun" not in again(read(argv), ())


def test_unlocking_is_the_same_invocation() -> None:
    assert unlocking(read(("snakemake", "-j2", "--", "x"))) == ("snakemake", "-j2", "--unlock", "--", "x")


def test_ours_replaces_the_users_value_of_the_same_resource_only() -> None:
    own = ("a:mem='5 GB'", "a:runtime=3", "b:mem_mb=7", "a:mem_mib=5", "a:tmpdir='/x'")
    assert merged(own, {"a": {"mem_mb": 900}}) == ("a:runtime=3", "b:mem_mb=7", "a:tmpdir='/x'", "a:mem_mb=900")


def test_values_are_found_in_every_form() -> None:
    coded = "base64//" + base64.b64encode(b"a:mem_mb=min(5, 6)").decode()
    options = ("-s", "x.smk", "--set-resources", "b:x=1", coded, "--profile=p", "-d/tmp/y")
    assert value_of(options, "-s", "--snakefile") == "x.smk"
    assert value_of(options, "-d", "--directory") == "/tmp/y"
    assert values_of(options, "--profile") == [("p",)]
    assert values_of(options, "--set-resources") == [("b:x=1", "a:mem_mb=min(5, 6)")]


@pytest.mark.snakemake
@pytest.mark.parametrize(
    "options",
    [
        "out1 out2 -j2",
        "-j2 out1 out2",
        "-F out1 out2 -j2",
        "--config a=1 b=2 -F out1 out2 -j2",
        "--set-resources a:mem_mb=1 z:mem_mb=3 -j2 out1 out2",
        "--config a=1 --forcerun=a out1 out2 -j2",
        "-R x y -j2 out1 out2",
        "-kF -j2 -- out1 out2",
        "--until a b -j2 -- out1 out2",
    ],
)
def test_snakemake_reads_what_is_written_as_it_is_meant(options: str) -> None:
    cli = pytest.importorskip("snakemake.cli")
    words = again(read(("snakemake", *options.split())), ["z:mem_mb=3", "a:mem_mb=5", "a:runtime=7"])[1:]
    parsed = cli.get_argument_parser().parse_args(list(words))
    before = cli.get_argument_parser().parse_args(options.split())
    assert list(parsed.targets) == list(before.targets) == ["out1", "out2"]
    assert (parsed.forceall, parsed.force, set(parsed.forcerun)) == (False, False, set())
    assert parsed.rerun_incomplete is True
    assert {rule: sorted(of_rule) for rule, of_rule in parsed.set_resources.items()} == {
        "a": ["mem_mb", "runtime"],
        "z": ["mem_mb"],
    }
    assert (parsed.jobs, parsed.config, parsed.until, parsed.keep_going) == (
        before.jobs,
        before.config,
        before.until,
        before.keep_going,
    )


@pytest.mark.parametrize(
    ("options", "leave", "free", "expected"),
    [
        ("-j2", ["plot.pdf"], [], "-j2 --rerun-incomplete --omit-from plot.pdf"),
        ("-j2 -O a.txt", ["plot.pdf"], [], "-j2 --rerun-incomplete --omit-from a.txt plot.pdf"),
        ("-j2 --omit-from a.txt plot.pdf", [], ["plot.pdf"], "-j2 --rerun-incomplete --omit-from a.txt"),
        ("-j2 --omit-from plot.pdf", [], ["plot.pdf"], "-j2 --rerun-incomplete"),
        ("-j2 -O a.txt", [], [], "-j2 -O a.txt --rerun-incomplete"),
    ],
)
def test_tasks_that_nothing_was_changed_for_are_left_out(
    options: str, leave: list[str], free: list[str], expected: str
) -> None:
    words = again(read(("snakemake", *options.split())), [], leave, free)
    assert words == ("snakemake", *expected.split())
