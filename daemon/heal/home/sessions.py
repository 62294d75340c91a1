"""The runs that a living `heal run` looks after, each with a spool and a lock of its own below $HEAL_HOME/runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from heal.home import places
from heal.home.lock import Lock, holder
from heal.home.spool import Spool

_LOCK = "lock"


class Session:
    """One `heal run`: the folder that holds what its run says, and the lock that says somebody listens."""

    def __init__(self, home: Path, run_id: str) -> None:
        self.run_id = run_id
        self.folder = home / "runs" / run_id
        self.spool = Spool(self.folder / "spool")
        self.lock = Lock(self.folder / _LOCK)

    def close(self) -> None:
        """Let go. The folder goes too when all that was said is taken in; else whoever comes next adopts it."""
        self.lock.release()
        if not self.spool.waiting() and not (self.spool.folder / "bad").exists():
            shutil.rmtree(self.folder, ignore_errors=True)


def folders(home: Path) -> Iterator[Path]:
    """The folders of all heal runs, of the living and of those that died."""
    try:
        yield from sorted(path for path in (home / "runs").iterdir() if path.is_dir())
    except FileNotFoundError:
        return


def attended(home: Path) -> frozenset[str]:
    """The runs that a living `heal run` looks after."""
    return frozenset(folder.name for folder in folders(home) if holder(folder / _LOCK))


def spools(home: Path) -> list[Spool]:
    """The common spool, and those of runs whose `heal run` is gone."""
    own = attended(home)
    return [
        Spool(places.spool(home)),
        *(Spool(folder / "spool") for folder in folders(home) if folder.name not in own),
    ]


def spool_for(home: Path, lineage: str) -> Spool:
    """Where a message about this run is heard: by its `heal run` while that lives, else by everyone else."""
    return Session(home, lineage).spool if lineage in attended(home) else Spool(places.spool(home))
