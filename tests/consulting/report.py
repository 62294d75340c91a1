"""A pipeline whose report calls a name that is not there, and what models say of it over real HTTP."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from heal.cases import Citation, Evidence, Passage
from heal.models.script import Line, Script
from heal.models.scripted_server import server
from heal.records import Attempt, Diagnosis, Incident, Label, Run
from heal.steps.consult import Matter

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SNAKEFILE = 'rule report:\n    output: "out.csv"\n    shell: "python3 scripts/report.py {output}"\n'
SCRIPT = 'import sys\n\nrows = ["a", "b"]\nwith open(sys.argv[1], "w") as file:\n    file.write(",".join(row))\n'
HEALED = SCRIPT.replace("(row)", "(rows)")
SAID = "NameError: name 'row' is not defined"
PLACE = 'scripts/report.py", line 5, in <module>'

TRIAGE = {"class": "pipeline defect", "cause": "row is called rows", "change": True, "cite": [SAID], "sure": 0.9}
REVIEWER = {"root": True, "hides": False, "more_than_asked": False, "why": "the list is called rows"}
WRITER = {"subject": "Call the list rows", "why": "The report failed because of a wrong name."}


def matter(root: Path, *places: str) -> Matter:
    """What heal would ask about it; ``places`` are those of the traceback."""
    run = Run("r1", "r1", "snakemake", str(root), ("snakemake", "--cores", "1"), NOON)
    facts = {"exit": 1, "output": ["out.csv"]}
    attempt = Attempt(1, "r1", "r1", "snakemake", "report", "report", "report", facts=facts, ok=False)
    lines = [f'  File "{root}/{place}' for place in places or (PLACE,)]
    log = "\n".join(["Traceback (most recent call last):", *lines, SAID])
    cited = Citation("report.log", len(lines) + 2, SAID)
    diagnosis = Diagnosis(Label.SCRIPT_ERROR, "A name is not there.", 0.6, cited, by="words")
    incident = Incident("7f3a", "r1", "r1", "snakemake", "report", "f1", NOON)
    return Matter(incident, run, (attempt,), diagnosis, (Evidence("report.log", (Passage(1, f"{log}\n"),)),))


def block(path: str, text: str) -> str:
    """A file in a coder's answer."""
    return f"FILE {path}\n```\n{text}```\n"


@contextmanager
def saying(*lines: Line) -> Iterator[str]:
    """A server whose models say these lines; its address."""
    serving = server(Script(*lines), 0, io.StringIO())
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    with serving:
        yield f"http://127.0.0.1:{serving.server_address[1]}/v1"
        serving.shutdown()
