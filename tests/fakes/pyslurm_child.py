"""A program that answers as daemon/heal/schedulers/pyslurm_child.py does, from ``answers.json`` in a folder.

``mood`` in the folder, read at each question, says what it does instead: die, hang, nonsense, error or refused; ``hello``
replaces its first line. Each start is a line in ``starts``, each question one in ``questions``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path


def main(folder: Path, version: str) -> None:
    with (folder / "starts").open("a") as starts:
        starts.write(f"{version} {os.environ.get('PYSLURM_DISABLE_AUTO_INIT')}\n")
    hello = folder / "hello"
    say(hello.read_text() if hello.exists() else json.dumps({"pyslurm": "22.5.3"}))
    for line in sys.stdin:
        with (folder / "questions").open("a") as questions:
            questions.write(line)
        mood = folder / "mood"
        answer(folder, json.loads(line), mood.read_text() if mood.exists() else "")


def answer(folder: Path, question: dict, mood: str) -> None:
    if mood == "die":
        print("libslurm: fatal: malloc failed", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    if mood == "hang":
        threading.Event().wait()
    known = json.loads((folder / "answers.json").read_text())
    said = {
        "nonsense": "no answer at all",
        "error": json.dumps({"error": "TypeError: unsupported operand"}),
        "refused": json.dumps({"refused": "Unable to contact slurm controller (connect failure)"}),
    }
    say(said.get(mood) or json.dumps(chosen(known[question["ask"]], question)))


def chosen(reply: dict, question: dict) -> dict:
    jobs = reply["jobs"]
    if "ids" in question:
        jobs = [
            job for job in jobs if {job["id"], job.get("array_id"), job.get("heterogeneous_id")} & {*question["ids"]}
        ]
    return reply | {"jobs": jobs}


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
