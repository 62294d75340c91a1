"""Variables that nothing sets, where set -u makes that an error."""

from __future__ import annotations

import pytest

from heal.advice.shell_text import unset_variables


def said(text: str, **more: object) -> list[tuple[str, int, str]]:
    found = unset_variables("a.sh", text, {"KNOWN": "1"}, **more)
    return [(issue.severity.value, issue.line, issue.what.split()[0]) for issue in found]


def test_without_set_u_an_empty_variable_is_no_error():
    assert said("#!/bin/bash\nset -eo pipefail\necho $GONE\n") == []


@pytest.mark.parametrize("head", ["set -u", "set -euo pipefail", "set -e -u", "set -o nounset"])
def test_every_way_to_say_it(head: str):
    assert said(f"#!/bin/bash\n{head}\necho $GONE ${{GONE}}\n") == [("warning", 3, "$GONE")]


def test_the_first_line_may_say_it():
    assert said("#!/bin/bash -eu\necho $GONE\n") == [("warning", 2, "$GONE")]


@pytest.mark.parametrize(
    "line",
    [
        "echo $KNOWN $HOME $SLURM_JOB_ID $1 $# $? $$",
        "A=1; echo $A",
        "export A=1\necho $A",
        "for A in 1 2; do echo $A; done",
        "while read -r A B; do echo $A $B; done",
        "A+=(1); echo ${A[0]}",
        "echo ${A:-none} ${B:=x} ${C+y}",
        "[ -z ${A:-} ] || echo $A",
        "awk '{print $NF, $x}' f",
        "echo \\$A",
        "echo x # $A",
        "cat <<'END'\n$A\nEND",
        "if A=$(date); then echo $A; fi",
        "local A B\necho $A $B",
    ],
)
def test_what_is_set_or_is_no_variable(line: str):
    assert said(f"set -u\n{line}\n") == []


def test_a_here_document_is_expanded_and_double_quotes_too():
    assert said('set -u\ncat <<END\n$A\nEND\necho "it\'s $B"\n') == [("warning", 3, "$A"), ("warning", 5, "$B")]


def test_what_another_script_may_set_is_a_remark():
    assert said("set -u\nsource env.sh\necho $A\n") == [("remark", 3, "$A")]


def test_a_rules_shell_is_strict_without_saying_so():
    assert said("echo $A\n", strict=True, at=7) == [("warning", 7, "$A")]
