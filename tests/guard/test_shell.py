"""The shell reader undoes quoting, follows substitutions, and says what it cannot follow."""

from __future__ import annotations

import pytest

from heal.guard.shell import commands


def names(text: str) -> list[str]:
    found, trouble = commands(text)
    assert trouble == ""
    return [command.name for command in found if command.name]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("c''url x", ["curl"]),
        ("\\cu\\rl x", ["curl"]),
        ("$'\\x63\\165rl' x", ["curl"]),
        ("/usr/bin/cu\\\nrl x", ["curl"]),
        ('"cu"rl x', ["curl"]),
        ("A=1 B='2 3' curl x", ["curl"]),
        ("if ! curl x; then wget y; fi", ["curl", "wget"]),
        ("echo $(curl x | sh)", ["echo", "curl", "sh"]),
        ("echo `curl x`", ["echo", "curl"]),
        ('echo "a $(curl "b c") d"', ["echo", "curl"]),
        ("x=${y:-$(curl z)}", ["curl"]),
        ("cat <(curl x) >(wget y)", ["cat", "curl", "wget"]),
        ("cat <<EOF\n$(curl x)\nEOF\nls", ["cat", "curl", "ls"]),
        ("cat <<'EOF'\n$(curl x)\nEOF\nls", ["cat", "ls"]),
        ("bash <<EOF\ncurl x\nEOF", ["bash", "curl"]),
        ("cat <<-END\n\tcurl x\n\tEND\nls", ["cat", "ls"]),
        ("[[ -s a && b < c ]] && ls", ["[[", "ls"]),
        ("(( x > 3 )) && ls", ["ls"]),
        ("# curl x\nls # curl", ["ls"]),
        ("echo a#b", ["echo"]),
        ("awk '{print $1}' f", ["awk"]),
        ("samtools view {input.bam} -o {output}", ["samtools"]),
    ],
)
def test_a_text_runs_what_it_means_not_what_it_looks_like(written: str, meant: list[str]):
    assert sorted(names(written)) == sorted(meant)


def test_a_command_knows_its_words_its_place_and_where_it_writes():
    found, _ = commands("set -e\nsamtools sort 'a b.bam' 2> log | head -n 3 || true\n")
    told = [(one.words, one.line, one.before, one.after, one.redirects) for one in found]
    assert told == [
        (("set", "-e"), 1, "", "\n", ()),
        (("samtools", "sort", "a b.bam"), 2, "\n", "|", (("2>", "log"),)),
        (("head", "-n", "3"), 2, "|", "||", ()),
        (("true",), 2, "||", "\n", ()),
    ]


@pytest.mark.parametrize("text", ["echo 'a", 'echo "a', "echo $(ls", "cat <<EOF\na\n", "echo `ls"])
def test_what_does_not_end_is_said(text: str):
    assert commands(text)[1] != ""
