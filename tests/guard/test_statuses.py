"""A command whose exit status counted is not put where it is lost, however that is written."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules
from tests.guard.test_process_scripts import process

from heal.records import Verdict

WORK = "python scripts/a.py in.csv made.txt 2> a.log"


def places(text: str) -> dict[str, str]:
    return {
        "scripts/a.sh": f"#!/bin/bash\nset -euo pipefail\n{text}\nsort made.txt > b.txt\n",
        "main.nf": process("", text.replace("$", "\\$") + "\nsort made.txt > b.txt", quotes="'''"),
        "Snakefile": f'rule a:\n    output:\n        \'b.txt\'\n    shell:\n        r"""\n{text}\n        """\n',
    }


@pytest.mark.parametrize(
    "written",
    [
        "echo $(WORK)",
        'echo "done: $(WORK)"',
        "printf %s `WORK`",
        "export P=$(WORK)",
        "declare -r P=$(WORK)",
        "cat <(WORK)",
        "echo > >(WORK)",
        "case $(WORK) in *) ;; esac",
        "for each in $(WORK); do echo $each; done",
        "[[ -n $(WORK) ]]",
        "if x=$(WORK); then echo; fi",
        "x=$(WORK)$(echo)",
        "x=$(WORK; echo)",
        "x=$(echo $(WORK))",
        "x=$(WORK) &",
        "x=$(WORK) echo",
        "cat <<E\n$(WORK)\nE",
        "coproc WORK",
        "WORK &",
        "(WORK) &",
        "{ WORK; } &",
        "for each in 1; do WORK; done &",
        # and under another name
        "echo $(PYWORK)",
    ],
)
def test_a_status_that_counted_is_not_lost(written: str):
    before, text = places(WORK), written.replace("PYWORK", WORK.replace("python", "python3")).replace("WORK", WORK)
    for path, after in places(text).items():
        found = judged({path: before[path]}, {path: after})
        assert ("hide.background", Verdict.REFUSE) in {(one.rule, one.verdict) for one in found}, path


@pytest.mark.parametrize(
    ("was", "now"),
    [
        # an assignment ends as what it holds does
        (WORK, f"x=$({WORK})"),
        (WORK, f'x="$({WORK})"'),
        (WORK, f"x=`{WORK}`"),
        (WORK, f"x=$(ls && {WORK})"),
        (WORK, f"rows=($({WORK}))"),
        # what asks, beside what is run
        (WORK, f"mkdir -p $(dirname made.txt)\n{WORK}"),
        (WORK, f'echo "rows: $(wc -l < in.csv)"\n{WORK}'),
        (WORK, f"{WORK}\npaste <(cut -f 1 in.csv) <(cut -f 2 in.csv) > c.txt"),
        (WORK, f"{WORK.replace('in.csv', '$(basename in.csv)')}"),
        ("d=$(dirname made.txt)\nmkdir -p $d", "mkdir -p $(dirname made.txt)"),
        # where it was lost before
        (f"echo $({WORK})", f"echo $({WORK.replace('in.csv', 'inn.csv')})"),
        (f"export P=$({WORK})", f"P=$({WORK})\nexport P"),
        (f"echo $({WORK})", WORK),
    ],
)
def test_where_it_counts_as_before_nothing_is_said(was: str, now: str):
    before, after = places(was), places(now)
    assert {path: judged({path: before[path]}, {path: after[path]}) for path in before} == dict.fromkeys(before, ())


CHECK = "test -s made.txt"


@pytest.mark.parametrize("check", [CHECK, "[ -s made.txt ]", "[[ -s made.txt ]]", '[ "$(cat made.txt)" = ok ]'])
@pytest.mark.parametrize(
    "written",
    [
        "echo $(CHECK)",
        'echo "$(CHECK)"',
        'printf "%s" "$(CHECK)"',
        "echo `CHECK`",
        "export OK=$(CHECK)",
        'export OK="$(CHECK && echo yes)"',
        "declare -r OK=$(CHECK)",
        "cat <(CHECK)",
        'OK="$(CHECK; echo 1)"',
        "OK=$(echo $(CHECK))",
        "OK=$(CHECK)$(echo)",
        '[ -n "$(CHECK; echo 1)" ]',
        "cat <<E\n$(CHECK)\nE",
        "CHECK &",
        "(CHECK) &",
    ],
)
def test_a_check_whose_status_is_lost_counts_as_gone(written: str, check: str):
    before = places(f"{WORK}\n{check}")
    for path, after in places(f"{WORK}\n{written.replace('CHECK', check)}").items():
        found = judged({path: before[path]}, {path: after})
        # a test of what another one printed is a test still, and another one
        expected = "hide.check_changed" if written.startswith("[") else "hide.check_gone"
        assert expected in rules(found), (path, found)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (CHECK, f"x=$({CHECK})"),
        (CHECK, f"x=$(ls && {CHECK})"),
        (CHECK, f"( {CHECK} )"),
        (CHECK, f'{CHECK}\necho "here: $([ -f in.csv ] && echo yes)"'),
        (f'echo "$({CHECK} && echo yes)"', 'echo "$(test -s ./made.txt && echo yes)"'),
        (f'export OK="$({CHECK})"', f'OK="$({CHECK})"\nexport OK'),
        (f"{CHECK} || exit 1", f"{CHECK} || {{ echo none >&2; exit 1; }}"),
    ],
)
def test_a_check_that_is_heard_of_as_before_is_let_pass(was: str, now: str):
    before, after = places(was), places(now)
    assert {path: judged({path: before[path]}, {path: after[path]}) for path in before} == dict.fromkeys(before, ())


@pytest.mark.parametrize(
    "now",
    [
        f"[ -d made ] && {WORK}",
        f"command -v python && {WORK}",
        f"type python >&2 && {WORK}",
        f"[ -d made ] && [ -s in.csv ] && {WORK}",
        f"if [ -d made ]; then {WORK}; fi",
        f"if [ -d made ]\nthen\n    {WORK}\nfi",
        f"if [ -d made ]; then\n    ls\nelse\n    {WORK}\nfi",
        f"case $1 in\na) {WORK} ;;\nesac",
    ],
)
def test_what_was_always_run_and_is_now_under_a_condition_is_asked_about(now: str):
    before = places(WORK)
    for path, after in places(now).items():
        assert "hide.conditional" in rules(judged({path: before[path]}, {path: after})), path


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (WORK, f"mkdir -p made && {WORK}"),
        (WORK, f"if [ ! -s in.csv ]; then\n    echo none >&2\n    exit 1\nfi\n{WORK}"),
        (WORK, f"[ -s in.csv ]\n{WORK}"),
        (f"[ -d made ] && {WORK}", f"[ -d made ] && {WORK.replace('in.csv', 'inn.csv')}"),
        (f"if [ -d made ]; then {WORK}; fi", f"if [ -d made ]; then\n    {WORK}\nfi"),
        (f"[ -d made ] && {WORK}", WORK),
    ],
)
def test_what_is_run_as_often_as_before_is_not(was: str, now: str):
    before = places(was)
    for path, after in places(now).items():
        assert "hide.conditional" not in rules(judged({path: before[path]}, {path: after})), path


# --- what counts as well ------------------------------------------------------------------------

ENDS = {
    "scripts/a.sh": "set -euo pipefail\nsort in.csv > out.csv\nif [ ! -s out.csv ]; then\n    exit 1\nfi\n",
    "scripts/a.py": "import sys\n\nrows = open(sys.argv[1]).readlines()\nif not rows:\n    sys.exit(1)\nprint(len(rows))\n",
    "scripts/a.R": 'rows <- read.csv("a.csv")\nif (nrow(rows) < 1) quit(status = 1)\n',
    "scripts/a.pl": "#!/usr/bin/perl\nexit 1\n",
    "main.nf": "workflow {\n    exit 1\n}\n",
}


def ended(path: str, status: str) -> str:
    return ENDS[path].replace("exit 1", f"exit {status}").replace("(1)", f"({status})").replace("= 1)", f"= {status})")


@pytest.mark.parametrize("path", ENDS)
@pytest.mark.parametrize("status", ["0", "256", "512", "1024", "4096"])
def test_a_status_whose_last_eight_bits_are_0_is_a_success(path: str, status: str):
    assert "hide.exit_ok" in rules(judged({path: ENDS[path]}, {path: ended(path, status)}))


@pytest.mark.parametrize("status", ["-256", "+512", "00", "0256", "''"])
def test_so_it_is_in_a_shell_however_it_is_written(status: str):
    assert "hide.exit_ok" in rules(judged({"a.sh": ENDS["scripts/a.sh"]}, {"a.sh": ended("scripts/a.sh", status)}))
    turned = "set -e\nsort in.csv || exit STATUS\n"
    found = judged({"a.sh": "set -e\nsort in.csv\n"}, {"a.sh": turned.replace("STATUS", status)})
    assert "hide.or_true" in rules(found)


@pytest.mark.parametrize("path", ENDS)
@pytest.mark.parametrize("status", ["2", "10", "100", "255", "257", "25"])
def test_any_other_status_tells_of_a_failure(path: str, status: str):
    assert "hide.exit_ok" not in rules(judged({path: ENDS[path]}, {path: ended(path, status)}))
