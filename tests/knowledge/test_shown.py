"""What a text only shows of a script is no message, neither to the patterns nor to the general reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from heal.cases import Case, Evidence, Passage
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library, Match, Pattern
from heal.knowledge.reading import read
from heal.knowledge.shown import heard
from heal.records import Label
from heal.steps.diagnose import diagnose

SAID = "zork: not enough memory to go on"
LIBRARY = Library(
    (
        Pattern(
            id="memory/zork",
            title="Zork",
            status="trial",
            label=Label.OUT_OF_MEMORY,
            cause="It had not enough.",
            match=(Match("not enough memory to go on"),),
            confidence=0.9,
            rank=40,
            fix=None,
            references=("a manual",),
            hits=(SAID,),
            misses=("enough",),
        ),
    )
)
SCANNER = Scanner(LIBRARY)
# each shows a script that holds the message, and says nothing of it
SHOWN = {
    "a shell": f"+ frob --on-error '{SAID}' x.in\n++ echo '{SAID}'",
    "a shell, in Nextflow's words": f"Command error:\n  start\n  + frob --on-error '{SAID}'",
    "Nextflow": f"Command executed:\n\n  frob x\n  echo '{SAID}'\n\nCommand exit status:\n  3",
    "Snakemake": f"Error in rule a:\n    shell:\n        echo '{SAID}'\n        (command exited with non-zero exit code)",
    "Snakemake, of several lines": (
        f"Error in rule a:\n    shell:\n        frob x\n  cat <<EOF\n{SAID}\nEOF\n"
        "        (command exited with non-zero exit code)"
    ),
    "Snakemake, cut short": f"    shell:\n        (set -x; echo '{SAID}'; exit 3) > a.log",
    "Snakemake's older words": (
        f"    shell:\n        frob x\necho '{SAID}'\n"
        "        (one of the commands exited with non-zero exit code; note that snakemake uses bash strict mode!)"
    ),
    "Snakemake, of why it runs it": f"rule a:\n    output: x\n    reason: Missing output files: {SAID}",
    "Snakemake, before it runs it": f"rule a:\n    output: x\nShell command: echo '{SAID}'",
    "Snakemake's exception": f"Command 'set -euo pipefail; echo \"{SAID}\"' returned non-zero exit status 3.",
    "the same over several lines": f"Command 'set -euo pipefail;  \n{SAID}\nexit 3' died with <Signals.SIGTERM: 15>.",
    "Python": f'Traceback (most recent call last):\n  File "/x/a.py", line 3, in go\n    raise Stop("{SAID}")',
    "Python, in Nextflow's words": f'  Traceback:\n    File "/x/a.py", line 3, in go\n      raise Stop("{SAID}")',
    "Python, below a warning": f"/x/a.py:3: UserWarning: old\n  warn('old'); log('{SAID}')",
    "a command over several lines": f"$ frob \\\n    -c \\\n    'test -e x || echo {SAID}'",
    "git": f"HEAD is now at fc117af {SAID}\nfc117af fix(io): {SAID}",
    "a test that was to fail": f"tests/a.py::test_x XFAIL ({SAID}) [ 66%]\nSKIPPED [1] tests/a.py:3: {SAID}",
    "a count": "not enough memory to go on: 0 times\nnot enough memory to go on:\t1,674 (55.8%)",
    "that there was none": "not enough memory to go on: never, peak 200 MB",
    "a SLURM account that is guessed": f"No SLURM account given, trying to guess.\nNo account was given, not able to get "
    f"a SLURM account via sacct: {SAID}\n\nUnable to guess SLURM account. Trying to proceed without.",
    "Node": f"/data/x/index.js:3\n    throw new Error(`{SAID}`)\n    ^",
}


def case(text: str) -> Case:
    return Case("", (Evidence("log.txt", (Passage(1, text),), lines=text.count("\n") + 1),), exit_code=3)


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_what_only_repeats_a_script_is_no_message(shown: str) -> None:
    # Then neither a pattern nor the reading takes it for one
    assert SCANNER.text("log.txt", shown).hits == ()
    assert read(case(shown)) == ()
    assert diagnose(case(shown), Library()).label is Label.UNKNOWN


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_what_is_said_beside_it_is_heard_by_both(shown: str) -> None:
    # Given that the message is said as well, in the very words of the script
    text = f"{shown}\n{SAID}"
    last = text.count("\n") + 1
    # Then both take that line
    assert [hit.line for hit in SCANNER.text("log.txt", text).hits] == [last]
    assert [(clue.label, clue.citation.line) for clue in read(case(text))] == [(Label.OUT_OF_MEMORY, last)]


def test_what_is_shown_is_empty_and_the_rest_is_as_it_was() -> None:
    text = "start\nCommand 'set -euo pipefail; frob' died with <Signals.SIGTERM: 15>.\n+ frob\nend"

    assert heard(case(text)) == case("start\n\n\nend")


def test_the_end_of_a_text_is_seen_with_what_stands_before_it(tmp_path: Path) -> None:
    # Given a log that breaks off in a line that is only shown, after more than is read at once
    path = tmp_path / "log.txt"
    path.write_text("quiet\n" * 200_000 + "Command executed:\n\n" + "  frob\n" * 1_000 + f"  echo '{SAID}'")

    assert SCANNER.read(path, source="log.txt").hits == ()


@pytest.mark.parametrize(
    "text",
    [
        f"Command error:\n  {SAID}",
        f"    shell:\n        frob\n        (command exited with non-zero exit code)\n        {SAID}",
        f"    shell:\n        frob\nError in rule b:\n{SAID}",
        f"Command 'zork' not found\n{SAID}",
        f"  at /data/x/index.js:3:9\n{SAID}",
        f'  File "/x/a.py", line 3\n{SAID}',
        f"/x/a.py:3: UserWarning: old\n{SAID}",
    ],
)
def test_what_looks_like_it_and_is_said_counts(text: str) -> None:
    assert heard(case(text)) == case(text) or SAID in heard(case(text)).evidence[0].text
    assert [hit.text.strip() for hit in SCANNER.text("log.txt", text).hits] == [SAID]


@pytest.mark.parametrize("line", [f"tests/a.py::test_x FAILED ({SAID})", f"fc117af {SAID}", f"{SAID}: 137"])
def test_what_looks_like_a_report_and_is_none_counts(line: str) -> None:
    assert [hit.text for hit in SCANNER.text("log.txt", line).hits] == [line]
    assert heard(case(line)) == case(line)
