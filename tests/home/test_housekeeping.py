"""What was kept for later goes once later has passed; what is young, in use or not heal's stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

from heal.home.housekeeping import sweep
from heal.home.sessions import Session

DAY = 86_400


def made(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def test_old_files_go_and_young_ones_stay(tmp_path: Path):
    old = [made(tmp_path / folder / "old.json", 31) for folder in ("env", "scripts", "launches", "logs")]
    young = [made(tmp_path / folder / "young.json", 29) for folder in ("env", "scripts", "launches", "logs")]
    others = [made(tmp_path / "heal.db", 400), made(tmp_path / "logs" / "daemon.log", 400)]
    assert sorted(sweep(tmp_path)) == sorted(old)
    assert [path.exists() for path in (*old, *young, *others)] == [False] * 4 + [True] * 6


def test_the_folder_of_a_dead_heal_run_goes_when_nobody_will_speak_there_any_more(tmp_path: Path):
    # Given the folders of four heal runs: living, long dead, long dead with something unsaid, and just dead
    week = time.time() + 8 * DAY
    with Session(tmp_path, "living").lock:
        for name in ("dead", "unheard", "living"):
            Session(tmp_path, name).spool.create()
        made(Session(tmp_path, "unheard").spool.folder / "1.json", 0)
        # When a week has passed
        gone = sweep(tmp_path, week)
    # Then only the second goes
    assert gone == [tmp_path / "runs" / "dead"]
