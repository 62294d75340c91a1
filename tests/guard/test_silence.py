"""Messages that are thrown away by any way of a shell, and traps and co-processes that lose a status."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules

WORK = "bwa mem ref.fa in.fq > out.sam"


def now(text: str) -> list[str]:
    path, frame = "scripts/a.sh", "#!/bin/bash\nset -euo pipefail\n{}\n"
    return rules(judged({path: frame.format(WORK)}, {path: frame.format(text)}))


@pytest.mark.parametrize(
    "text",
    [
        f"{WORK} 2>/dev/null",
        f"{WORK} 2>//dev/null",
        f"{WORK} 2>/dev/./null",
        f"{WORK} 2>/dev/zero",
        f"{WORK} 2>&-",
        f"{WORK} 2> >(cat >/dev/null)",
        f"{WORK} 2> >(grep -v error >&2)",
        f"{WORK} 2> $(echo /dev/null)",
        f"exec 2>/dev/null\n{WORK}",
        f"exec 3>/dev/null\n{WORK} 2>&3",
        f"exec {{n}}>/dev/null\n{WORK} 2>&$n",
        f"none=/dev/null\n{WORK} 2>$none",
        f"{{ {WORK}; }} 2>/dev/null",
        "bwa mem ref.fa in.fq &> /dev/null",
        "bwa mem ref.fa in.fq &>> /dev/null",
        "bwa mem ref.fa in.fq >& /dev/null",
        "bwa mem ref.fa in.fq &> >(cat > /dev/null)",
        "bwa mem ref.fa in.fq |& cat >/dev/null",
        "bwa mem ref.fa in.fq 2>&1 | cat > /dev/null",
        "bwa mem ref.fa in.fq > /dev/null 2>&1",
    ],
)
def test_messages_that_are_thrown_away_are_refused(text: str):
    assert "hide.silence" in now(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{WORK} 2> out.log",
        f"{WORK} 2> >(tee out.log >&2)",
        f"exec 2> out.log\n{WORK}",
        f"{WORK} < /dev/null",
        f"exec < /dev/null\n{WORK}",
        f"{WORK} 2>&1",
        "bwa mem ref.fa in.fq 2>&1 | tee out.sam",
    ],
)
def test_messages_that_somebody_can_read_are_let_pass(text: str):
    assert "hide.silence" not in now(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"trap '' ERR\n{WORK}", "hide.trap"),
        (f"trap 'exit 0' EXIT\n{WORK}", "hide.trap"),
        (f"trap 'true' EXIT\n{WORK}", "hide.trap"),
        (f"trap - ERR\n{WORK}", "hide.trap"),
        (f"coproc {WORK}", "hide.background"),
        (f"coproc W {{ {WORK}; }}", "hide.background"),
    ],
)
def test_a_status_that_is_lost_is_refused(text: str, rule: str):
    assert rule in now(text)


@pytest.mark.parametrize(
    "text",
    [
        "picard SortSam I=a O=b VALIDATION_STRINGENCY=LENIENT",
        "picard SortSam I=a O=b --VALIDATION_STRINGENCY SILENT",
        "picard SortSam I=a O=b --skip-errors",
    ],
)
def test_a_program_that_is_told_to_be_lenient_is_refused(text: str):
    assert "hide.keep_going" in now(text)
