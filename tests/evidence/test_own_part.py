"""Nextflow's log as it is read for one of its tasks: what it says of the others is no evidence."""

from __future__ import annotations

import io

import pytest

from heal.evidence.own_part import of_task

CRUNCH, LONG = (
    f"/data/my work/{name}" for name in ("82/d5496f63acdf32a9b3d7bdabfc88ba", "22/9c88342ac942262302bac667f6a2f7")
)
# as 25.04.4 writes it where one task fails, and another one while the run finishes what is under way
RECORDS = {
    "run": "[main] DEBUG nextflow.Session - Session start",
    "crunch found": f"[Task monitor] DEBUG n.processor.TaskPollingMonitor - Task completed > TaskHandler[jobId: 96; id: 2; "
    f"name: CRUNCH; status: COMPLETED; exit: 0; error: -; workDir: {CRUNCH} started: 1; exited: 2; ]",
    "crunch misses": f"[TaskFinalizer-2] DEBUG nextflow.processor.TaskProcessor - Process `CRUNCH` is unable to find "
    f"[UnixPath]: `{CRUNCH}/x.txt` (pattern: `x.txt`)",
    "crunch complains": "[TaskFinalizer-2] DEBUG nextflow.processor.TaskProcessor - Handling unexpected condition for\n"
    f"  task: name=CRUNCH; work-dir={CRUNCH}\n"
    "  error [nextflow.exception.MissingFileException]: Missing output file(s) `x.txt` expected by process `CRUNCH`",
    "crunch reports": "[TaskFinalizer-2] ERROR nextflow.processor.TaskProcessor - Error executing process > 'CRUNCH'\n\n"
    "Caused by:\n  Missing output file(s) `x.txt` expected by process `CRUNCH`\n\n\nCommand error:\n"
    f"  .command.sh: line 2: 29995 Killed                  eat.py 110 2\n\nWork dir:\n  {CRUNCH}",
    "finishing": "[TaskFinalizer-2] INFO  nextflow.Session - Execution cancelled -- Finishing pending tasks before exit",
    "crunch again": "[TaskFinalizer-3] INFO  nextflow.processor.TaskProcessor - [82/d5496f] NOTE: Process `CRUNCH` terminated "
    "with an error exit status (137) -- Execution is retried (1)",
    "long found": f"[Task monitor] DEBUG n.processor.TaskPollingMonitor - Task completed > TaskHandler[jobId: 94; id: 3; "
    f"name: LONG; status: COMPLETED; exit: 140; error: -; workDir: {LONG} started: 1; exited: 2; ]",
    "long complains": "[TaskFinalizer-4] DEBUG nextflow.processor.TaskProcessor - Handling unexpected condition for\n"
    f"  task: name=LONG; work-dir={LONG}\n"
    "  error [nextflow.exception.ProcessFailedException]: Process `LONG` terminated with an error exit status (140)",
    "end": "[main] DEBUG nextflow.Session - Session await > all processes finished",
}
LOG = "".join(f"Nov-30 20:10:19.679 {said}\n" for said in RECORDS.values())


@pytest.mark.parametrize(("name", "folder", "other"), [("LONG", LONG, "crunch"), ("CRUNCH", CRUNCH, "long")])
def test_what_is_said_of_another_task_is_left_out_in_as_many_lines(name: str, folder: str, other: str) -> None:
    said = of_task(name, folder)(io.BytesIO(LOG.encode())).read().decode()
    # the first line of a complaint does not say yet about whom it is
    begun = "Handling unexpected condition for"
    left = [line for key, record in RECORDS.items() if not key.startswith(other) for line in record.split("\n") if line]
    heard = [line.partition(" 20:10:19.679 ")[2] or line for line in said.split("\n") if line]
    assert [line for line in heard if begun not in line] == [line for line in left if begun not in line]
    assert said.count("\n") == LOG.count("\n")


@pytest.mark.parametrize("text", ["", "no record\nat all", "half a record", LOG.split("Caused")[0]])
def test_any_text_is_read(text: str) -> None:
    assert of_task("X", "/x/aa/bbbbbb")(io.BytesIO(text.encode())).read().count(b"\n") == text.count("\n")
