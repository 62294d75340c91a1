"""What one heal asked of the site, the others need not ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.fakes.pyslurm import PyslurmSite
from tests.schedulers.test_slurm_cli import NOW

from heal.schedulers.kept import Shelf
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_pyslurm import SlurmPy

ASK = ("sinfo", "--Node")


class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def test_what_is_put_down_is_there_for_a_quarter_of_an_hour_and_whoever_asks(tmp_path: Path) -> None:
    clock = Clock()
    Shelf(tmp_path / "rules", clock).put(ASK, "n1")
    other = Shelf(tmp_path / "rules", clock)
    assert (other.get(ASK), other.get(("sinfo",))) == ("n1", None)
    clock.now = NOW + timedelta(minutes=16)
    assert other.get(ASK) is None
    clock.now = NOW - timedelta(minutes=1)
    assert other.get(ASK) is None


def test_of_another_slurm_it_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf(tmp_path / "rules", lambda: NOW).put(ASK, "n1")
    monkeypatch.setenv("SLURM_CONF", "/other/slurm.conf")
    assert Shelf(tmp_path / "rules", lambda: NOW).get(ASK) is None


@pytest.mark.parametrize("held", ["", "{", "[]", '{" sinfo --Node": 3}', '{" sinfo --Node": ["never", "n1"]}'])
def test_what_cannot_be_read_or_written_is_not_there(tmp_path: Path, held: str) -> None:
    path = tmp_path / "rules"
    path.write_text(held)
    assert Shelf(path, lambda: NOW).get(ASK) is None
    Shelf(tmp_path / "nowhere" / "rules", lambda: NOW).put(ASK, "n1")
    Shelf(None, lambda: NOW).put(ASK, "n1")


@pytest.mark.parametrize("by_pyslurm", [False, True])
def test_two_heals_of_a_user_ask_for_the_sites_rules_once(tmp_path: Path, by_pyslurm: bool) -> None:
    site = PyslurmSite(tmp_path)
    site.program("scontrol", "echo 'PartitionName=short Default=YES MaxTime=01:00:00'")
    site.program("sinfo", "echo 'short|1000|2'")
    told = []
    for _heal in range(2):
        shelf = Shelf(tmp_path / "rules", lambda: NOW)
        scheduler = (
            SlurmPy(site.process, site.commands, lambda: NOW, None, shelf)
            if by_pyslurm
            else SlurmCli(site.commands, lambda: NOW, None, shelf)
        )
        told.append((scheduler.limits(None).memory_mb, scheduler.requests))
    assert told == [(1000, 4), (1000, 4)]
