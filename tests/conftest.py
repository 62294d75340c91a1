"""What every test may ask for: a real SLURM, and waiting for something to become true."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# A suite started in the background of a script (bash run &) ignores interrupts, and so would all that its tests start.
for _number in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)


# what lies there really failed or went well somewhere; some of it is a test suite, and none of it is ours
collect_ignore_glob = ["incidents/*", "healthy/*"]


def until(condition: Callable[[], object], seconds: float = 30.0, every: float = 0.2) -> bool:
    """Ask until the condition holds; False when it did not within the seconds."""
    never = threading.Event()
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        never.wait(every)
    return True


@pytest.fixture(name="until")
def _until() -> Callable[..., bool]:
    return until


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled patterns, made once for all the tests that need no cache of their own."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"


def _sinfo() -> str:
    """What is wrong with SLURM here; empty when it answers."""
    try:
        answer = subprocess.run(["sinfo", "--noheader"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if answer.returncode == 0 else answer.stderr.strip() or "sinfo failed without a word"


@pytest.fixture(scope="session")
def slurm() -> None:
    """A SLURM that answers: without one the test is skipped at home and fails where CI=true."""
    wrong = _sinfo()
    if wrong and os.environ.get("CI") == "true":
        pytest.fail(f"no SLURM, and CI must have one (tests/live/cluster.sh up): {wrong}")
    if wrong:
        pytest.skip(f"no SLURM here (tests/live/cluster.sh up starts one): {wrong}")
