"""What a here-document gives to a program is read as what that program runs, in every text that shell stands in."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged
from tests.guard.test_process_scripts import process

from heal.guard.shell import commands
from heal.records import Verdict

BODIES = {
    "python3 -": ("import sys\nprint(sys.path)", "import sys\nimport os; os.system('id')\nprint(sys.path)"),
    "Rscript -": ("rows <- 7\nprint(rows)", "rows <- 7\nsystem('id')\nprint(rows)"),
    "perl": ("my $rows = 7;\nprint 7;", "my $rows = 7;\nsystem('id');\nprint 7;"),
    "bash -euo pipefail": ("ls\nls", "ls\ncurl x\nls"),
}


def script(start: str, body: str) -> str:
    return f"set -e\n{start}\n{body}\nEOF\nls made"


def places(text: str) -> dict[str, str]:
    rule = 'rule a:\n    output:\n        \'a.txt\'\n    shell:\n        r"""\n'
    return {
        "scripts/a.sh": f"#!/bin/bash\n{text}\n",
        "main.nf": process("", text),
        "Snakefile": rule + text.replace("{", "{{").replace("}", "}}") + '\n        """\n',
    }


def refused(before: str, after: str) -> dict[str, set[str]]:
    """The final rules by the place in which the shell text stands."""
    was, now = places(before), places(after)
    found = {path: judged({path: was[path]}, {path: now[path]}) for path in was}
    return {path: {one.rule for one in said if one.verdict is Verdict.REFUSE} for path, said in found.items()}


@pytest.mark.parametrize(
    "start",
    [
        "PROGRAM <<EOF",
        "PROGRAM <<'EOF'",
        "PROGRAM <<EOF > made.txt",
        "PROGRAM <<EOF | sort > made.txt",
        "cat <<EOF | PROGRAM",
        "cat <<EOF | tee made.txt | PROGRAM",
        "PROGRAM <<EOF && ls",
        "A=1 srun -n 1 PROGRAM <<EOF",
        "if true; then PROGRAM <<EOF",
    ],
)
@pytest.mark.parametrize("program", BODIES)
def test_what_a_program_gets_by_a_here_document_is_read_as_its_code(program: str, start: str):
    # Given a script that gives code to a program, when a line in it starts another program
    was, now = (script(start.replace("PROGRAM", program), body) for body in BODIES[program])
    close = ("ls made", "ls made\nfi") if start.startswith("if") else ("", "")
    found = refused(was.replace(*close), now.replace(*close))
    # Then that is refused wherever the script stands
    rule = "power.network" if program.startswith("bash") else "power.process"
    assert {path: rule in rules for path, rules in found.items()} == dict.fromkeys(found, True)


@pytest.mark.parametrize("options", ["-W ignore -", "-E -", "-u", "-X dev /dev/stdin", ""])
def test_options_do_not_hide_that_the_input_is_run(options: str):
    was, now = (script(f"python3 {options} <<EOF", body) for body in BODIES["python3 -"])
    assert all("power.process" in rules for rules in refused(was, now).values())


def test_a_here_string_is_read_too():
    was, now = (f'python3 - <<< "{body}"\n' for body in BODIES["python3 -"])
    found = judged({"a.sh": was}, {"a.sh": now})
    assert "power.process" in {one.rule for one in found}


def test_a_check_that_is_gone_from_one_is_missed():
    was = script("python3 - <<EOF", "import sys\nif not sys.argv:\n    raise ValueError(1)\nprint(1)")
    now = script("python3 - <<EOF", "import sys\nprint(1)")
    assert all("hide.check_gone" in rules for rules in refused(was, now).values())


def test_code_that_a_command_puts_into_one_is_refused():
    was = script("python3 - <<EOF", "import sys\nprint(1)")
    now = script("python3 - <<EOF", "import sys\n$(echo 'print(1)')\nprint(1)")
    assert "power.code" in {one.rule for one in judged({"a.sh": was}, {"a.sh": now})}


@pytest.mark.parametrize("start", ["python3 - <<EOF", "python3 <<'EOF'", "cat <<EOF | python3 -"])
@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("import numpy as np\nx = np.float(1)", "import numpy as np\nx = float(1)"),
        ("import sys\nprint(sys.arv)", "import sys\nprint(sys.argv)"),
        ("rows = {'a': 1}\nprint(rows['b'])", "rows = {'a': 1}\nprint(rows['a'])"),
    ],
)
def test_an_honest_fix_in_one_is_let_pass(start: str, was: str, now: str):
    before, after = places(script(start, was)), places(script(start, now))
    assert {path: judged({path: before[path]}, {path: after[path]}) for path in before} == dict.fromkeys(before, ())


@pytest.mark.parametrize("start", ["cat <<EOF > settings.txt", "python3 scripts/a.py <<EOF", "python3 -m csv <<EOF"])
def test_one_that_is_data_is_not_read_as_code_and_a_fix_in_it_is_one(start: str):
    was, now = script(start, "colour: blue"), script(start, "color: blue (os.system)")
    assert judged({"a.sh": was}, {"a.sh": now}) == ()


def test_a_changed_comment_in_one_is_no_fix():
    was, now = (script("python3 - <<EOF", f"import sys  # {word}") for word in ("one", "two"))
    assert [one.rule for one in judged({"a.sh": was}, {"a.sh": now})] == ["shape.nothing"]


def test_each_goes_to_the_command_it_is_written_to():
    found, trouble = commands("python3 - <<A; Rscript - <<B\nx = 1\nA\ny <- 2\nB\nls\n")
    told = [(one.name, [(here.program, here.text, here.line) for here in one.given]) for one in found]
    assert (trouble, told) == (
        "",
        [("python3", [("python3", "x = 1", 2)]), ("Rscript", [("Rscript", "y <- 2", 4)]), ("ls", [])],
    )
