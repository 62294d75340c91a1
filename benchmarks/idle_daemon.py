"""What an idle daemon costs, with a hundred thousand incidents of which a hundred wait for a person.

``python -m benchmarks.idle_daemon [SECONDS]``; whatever SLURM the machine has is asked as ever.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.crowded import COUNT, crowded
from benchmarks.measure import HEAL, PYTHON, row

# the first passes read what there is; idle is what comes after
_SETTLES_S = 15
_TICKS = os.sysconf("SC_CLK_TCK")


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = crowded(Path(folder, "home"))
        with subprocess.Popen(
            [*HEAL, "daemon", "run"], cwd=folder, env=os.environ | {"HEAL_HOME": str(home)}
        ) as daemon:
            time.sleep(_SETTLES_S)
            own, others = _cpu(daemon.pid)
            time.sleep(seconds)
            spent, asked = _cpu(daemon.pid)
            kept = _memory(daemon.pid)
            daemon.terminate()
    bare = _bare()
    share, children = (spent - own) / seconds, (asked - others) / seconds
    row(
        f"idle daemon, {COUNT:,} incidents, processor",
        f"{share:.2%} of a core",
        f"over {seconds:g} s; and {children:.2%} for the programs it asks",
    )
    row(
        f"idle daemon, {COUNT:,} incidents, memory",
        f"{kept['Pss'] / 1024:.0f} MB (RSS {kept['Rss'] / 1024:.0f})",
        f"{kept['Pss'] / bare['Pss']:.1f} x `python -c 'import sqlalchemy'`",
    )


def _cpu(pid: int) -> tuple[float, float]:
    """Seconds of the processor: its own, and of the programs it started and waited for."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, of_user, of_system = map(int, after_name[11:15])
    return (user + system) / _TICKS, (of_user + of_system) / _TICKS


def _memory(pid: int | str) -> dict[str, int]:
    """Pss and Rss in kB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def _bare() -> dict[str, int]:
    program = "import sqlalchemy; print(open('/proc/self/smaps_rollup').read())"
    said = subprocess.run([PYTHON, "-c", program], capture_output=True, text=True, check=True).stdout
    parts = (line.partition(":") for line in said.splitlines()[1:] if ":" in line)
    return {name: int(rest.split()[0]) for name, _, rest in parts}


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
