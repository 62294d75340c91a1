"""Real runs of Nextflow, said so that they are the same everywhere."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.nextflow.launches import Launch

# what a task without a tag is called by is made of the paths it reads
_MADE_FROM = re.compile(r":[0-9a-f]{8}$")
_HASH = re.compile(r"work/[0-9a-f]{2}/[0-9a-f]{30}")


def spoken(launch: Launch) -> list[str]:
    """What was told, with what differs from one run to the next taken out; by task, where threads tell in any order."""
    events = launch.events()
    own = {folder: f"work/ab/{number:030x}" for number, folder in enumerate(_folders(events), 1)}
    return [json.dumps(_still(said, launch, own)) for said in sorted(events, key=_place)]


def _folders(events: list[dict[str, Any]]) -> list[str]:
    told = sorted(
        (said["task"]["name"], said["task"].get("attempt"), str(said["task"].get("workdir")))
        for said in events
        if "task" in said
    )
    return list(dict.fromkeys(_HASH.search(folder)[0] for _, _, folder in told if _HASH.search(folder)))


def _place(said: dict[str, Any]) -> tuple[Any, ...]:
    if "task" not in said:
        return (said["kind"] == "run_finished", "", 0, "")
    # begun before ended
    return (False, said["task"]["name"], said["task"]["attempt"], said["kind"] != "task_submitted")


def _still(said: dict[str, Any], launch: Launch, own: dict[str, str]) -> dict[str, Any]:
    text = json.dumps(said).replace(said["run"]["id"], "1f0c7a52-0000-4000-8000-000000000000.pensive_curie")
    text = text.replace(str(launch.program), "/opt/nextflow").replace(str(launch.folder), "/data")
    for folder, name in own.items():
        text = text.replace(folder, name)
    still: dict[str, Any] = json.loads(text)
    still["time"] = "2026-01-02T03:04:05Z"
    still["run"] |= {"pid": 4711}
    if "task" in still:
        still["task"]["key"] = _MADE_FROM.sub(":0123abcd", still["task"]["key"])
    facts = still["facts"]
    facts |= {name: value for name, value in (("host", "login1"), ("hash", "ab/000000")) if name in facts}
    # a tip of the day, one of many
    facts |= {"message": facts["message"].partition("\nTip: ")[0]} if "message" in facts else {}
    if still.get("task", {}).get("native_id"):
        still["task"]["native_id"] = "81723"
    return still
