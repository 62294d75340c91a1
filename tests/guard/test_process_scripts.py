"""The first lines of scripts that stand in a Nextflow process: what a patch may do to them, and what it may not."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules

from heal.records import Verdict

PYTHON = "import sys\nprint(sys.version)"
PERL = "use strict;\nmy $rows = 7;\nprint $rows;"
PROCESS = """process COUNTS {
    output:
    path "counts.txt"

    SECTION:
    QUOTES
    BODY
    QUOTES
}

process OTHER {
    script:
    \"\"\"
    sort a.tsv > b.tsv
    \"\"\"
}
"""


def process(first: str, body: str = PYTHON, section: str = "script", quotes: str = '"""') -> str:
    """A Nextflow file with such a script; without a first line where that is empty."""
    script = body.replace("$", "\\$") if quotes == '"""' else body
    script = "\n".join([*([first] if first else []), script]).replace("\n", "\n    ")
    return PROCESS.replace("SECTION", section).replace("QUOTES", quotes).replace("BODY", script)


def refusals(before: str, after: str) -> list[tuple[str, int]]:
    found = judged({"modules/counts.nf": before}, {"modules/counts.nf": after})
    return [(one.rule, one.line) for one in found if one.verdict is Verdict.REFUSE]


@pytest.mark.parametrize("quotes", ['"""', "'''"])
@pytest.mark.parametrize("section", ["script", "shell", "stub"])
def test_a_script_that_is_given_to_another_program_is_refused_with_its_line(section: str, quotes: str):
    before = process("#!/usr/bin/env python3", section=section, quotes=quotes)
    found = judged({"main.nf": before}, {"main.nf": before.replace("/usr/bin/env python3", "/bin/true")})
    final = [one for one in found if one.verdict is Verdict.REFUSE]
    assert [(one.rule, one.line, one.why.rpartition(": ")[2]) for one in final] == [
        ("shape.language", 7, "#!/bin/true")
    ]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("#!/usr/bin/env python3", "#!/usr/bin/env -S python3 -c pass"),
        ("#!/usr/bin/env python3", "#!/tmp/python3"),
        ("#!/usr/bin/env python3", "#!/bin/bash -ue"),
        # bash reads it then
        ("#!/usr/bin/env python3", ""),
        ("", "#!/bin/true"),
        ("", "#!/bin/sh"),
        # what stands in it is run by a shell
        ("", "#!/bin/bash -ue; true"),
        ("", "#!${params.runner}"),
        ("#!/usr/bin/env Rscript", "#!/usr/bin/env -S Rscript -e"),
        ("#!/bin/bash -ue", "#!/bin/bash -n"),
    ],
)
def test_a_first_line_that_runs_it_otherwise_is_refused(was: str, now: str):
    body = "sort a.tsv > counts.txt"
    assert refusals(process(was, body), process(now, body)) == [("shape.language", 7)]


@pytest.mark.parametrize(
    "text",
    [
        # Groovy reads these as the same line
        process("#!/usr/bin/env python3").replace("#!/usr/bin/env python3", "\\u0023!/bin/true"),
        process("#!/usr/bin/env python3").replace('"""\n    #!/usr/bin/env python3', '"""\\\n    #!/bin/true', 1),
        process("#!/usr/bin/env python3").replace('"""\n    #!/usr/bin/env python3', '"#" + "!/bin/true\\n" + """', 1),
        process("#!/usr/bin/env python3")
        .replace('"""', "$/", 1)
        .replace('"""', "/$", 1)
        .replace("usr/bin/env python3", "bin/true"),
        # or takes them from elsewhere
        'def head = "#!/bin/true"\n' + process("#!/usr/bin/env python3").replace("#!/usr/bin/env python3", "${head}"),
    ],
)
def test_it_is_refused_however_it_is_written(text: str):
    assert "shape.language" in [rule for rule, _line in refusals(process("#!/usr/bin/env python3"), text)]


@pytest.mark.parametrize(
    ("was", "now", "body"),
    [
        ("", "#!/bin/bash", "sort a.tsv > counts.txt"),
        ("#!/bin/bash -ue", "#!/bin/bash", "sort a.tsv > counts.txt"),
        ("#!/bin/bash -euo pipefail", "#!/bin/bash -eu", "zcat a.gz | sort > counts.txt"),
    ],
)
def test_a_first_line_that_no_longer_stops_at_errors_is_refused(was: str, now: str, body: str):
    assert refusals(process(was, body), process(now, body)) == [("hide.strict_gone", 7)]


def test_of_a_script_written_anew_its_first_line_must_be_a_plain_one():
    # Given a process whose script is replaced, and another one that is added
    before = process("#!/usr/bin/env python3")
    another = 'process NEW {\n    script:\n    """\n    #!/bin/true\n    sort a.tsv\n    """\n}\n'
    assert ("shape.language", 7) in refusals(before, process("#!/bin/echo", "sort a.tsv > counts.txt"))
    assert ("shape.language", 4) in refusals(before, another + before)


@pytest.mark.parametrize(
    ("was", "now", "body"),
    [
        ("#!/usr/bin/env python", "#!/usr/bin/env python3", PYTHON),
        ("#!/usr/bin/python", "#!/usr/bin/env python3", PYTHON),
        ("#!/usr/bin/env pyhton3", "#!/usr/bin/env python3", PYTHON),
        ("#!/usr/bin/Rscript", "#!/usr/bin/env Rscript", "library(ggplot2)\nrows <- 7"),
        ("#!/opt/perl -w", "#!/usr/bin/env -S perl -w", PERL),
        # one that was forgotten, or is another language's
        ("", "#!/usr/bin/env python3", PYTHON),
        ("", "#!/usr/bin/env Rscript", "library(ggplot2)\nrows <- 7"),
        ("", "#!/usr/bin/env perl", PERL),
        ("#!/bin/bash", "#!/usr/bin/env python3", PYTHON),
        # what Nextflow does without one, and more of it
        ("", "#!/bin/bash -ue", "sort a.tsv > counts.txt"),
        ("", "#!/usr/bin/env bash", "set -euo pipefail\nsort a.tsv > counts.txt"),
        ("#!/bin/bash -ue", "", "sort a.tsv > counts.txt"),
        ("#!/bin/bash -ue", "#!/bin/bash -euo pipefail", "zcat a.gz | sort > counts.txt"),
        ("#!/bin/sh", "#!/bin/bash -eu", "sort a.tsv > counts.txt"),
    ],
)
def test_a_first_line_that_is_only_mended_is_let_pass(was: str, now: str, body: str):
    # what the wrong program would have run of it may be asked about
    found = judged({"main.nf": process(was, body)}, {"main.nf": process(now, body)})
    assert {*rules(found)} <= {"hide.command_gone"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the script changes, its first line stays
        (process("#!/usr/bin/env python3"), process("#!/usr/bin/env python3", PYTHON.replace("version", "argv"))),
        # one that heal would not have let in, and that was there
        (process("#!/opt/own/run -x"), process("#!/opt/own/run -x", PYTHON.replace("version", "argv"))),
        # a process gets another name, and stands elsewhere
        (process("#!/usr/bin/env python3"), process("#!/usr/bin/env python3").replace("COUNTS", "COUNT")),
        # blanks before it are Nextflow's to take away
        (process("#!/usr/bin/env python3"), process("#!/usr/bin/env python3").replace('"""\n', '"""\\\n', 1)),
        # Nextflow's own first line
        ("#!/usr/bin/env nextflow\n" + process(""), "#!/usr/bin/env nextflow\n" + process("#!/bin/bash -ue")),
        # a script that another one writes, and a comment
        (process("", "printf '#!/bin/sh\\n' > a.sh"), process("", "printf '#!/bin/sh\\n' > b.sh")),
        ("// #!/bin/true\n" + process(""), "/* #!/bin/false */\n" + process("")),
    ],
)
def test_what_leaves_first_lines_as_they_are_is_let_pass(before: str, after: str):
    assert "shape.language" not in rules(judged({"main.nf": before}, {"main.nf": after}))


# --- what stands in them -------------------------------------------------------------------------

CHECKED = """import sys
rows = open("$table").read()
if not rows:
    raise ValueError("no rows")
open("counts.txt", "w").write(rows)"""


def python(body: str, quotes: str = '"""') -> str:
    return process("#!/usr/bin/env python3", body, quotes=quotes)


@pytest.mark.parametrize("quotes", ['"""', "'''"])
@pytest.mark.parametrize(
    ("was", "now", "rule", "line"),
    [
        ("rows =", 'import os\nos.system("id")\nrows =', "power.process", 10),
        ("rows =", 'import os; os.system("id")\nrows =', "power.process", 9),
        # what is indented otherwise than the rest does not parse, and its words count
        ("rows =", '  import os\n  os.system("id")\nrows =', "shape.broken", 0),
        ('if not rows:\n    raise ValueError("no rows")\n', "", "hide.check_gone", 0),
        ("rows = ", "try:\n    import re\nexcept Exception:\n    pass\nrows = ", "hide.swallow", 11),
    ],
)
def test_python_in_a_process_is_read_as_it_is_written_there(was: str, now: str, rule: str, line: int, quotes: str):
    found = refusals(python(CHECKED, quotes), python(CHECKED.replace(was, now), quotes))
    assert (rule, line) in found


def test_code_between_two_texts_that_look_filled_in_is_read():
    now = CHECKED.replace("rows =", 'a = "${"; import os; os.system("id"); b = "}"\nrows =')
    assert refusals(python(CHECKED, "'''"), python(now, "'''")) == [("power.process", 9)]


def test_python_that_cannot_be_read_before_or_after_never_counts_as_read():
    # Given a script of Python 2, which no longer parses
    was = CHECKED.replace("import sys", "import sys\nprint sys.argv")
    # When a line is added, then a person is asked; what runs a program is refused all the same
    found = judged({"main.nf": python(was)}, {"main.nf": python(was + "\nopen('b')")})
    assert [(one.rule, one.verdict) for one in found] == [("shape.unread", Verdict.ASK)]
    assert ("power.process", 14) in refusals(python(was), python(was + "\nprint os.system('id')"))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('open("$table")', 'open("$table", encoding="utf-8")'),
        ("rows = ", "import os\nos.makedirs('made', exist_ok=True)\nrows = "),
        ("write(rows)", "write(rows + '\\\\n')"),
        ("if not rows:", 'if not rows.strip():\n    raise ValueError("blank")\nif not rows:'),
        ("rows", "lines"),
    ],
)
def test_an_honest_fix_of_python_in_a_process_is_let_pass(was: str, now: str):
    assert judged({"main.nf": python(CHECKED)}, {"main.nf": python(CHECKED.replace(was, now))}) == ()


def test_python_in_a_process_that_did_not_parse_is_mended():
    assert judged({"main.nf": python(CHECKED.replace("rows:", "rows"))}, {"main.nf": python(CHECKED)}) == ()
