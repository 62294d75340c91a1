"""What a hook costs whoever waits for it: the controller at the end of a job, and a job that is wrapped.

Each beside `sh -c :` in the same round, which is what starting any hook at all costs.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.measure import ROOT, row

from heal.home.slurm_site import Site

_ROUNDS = 400
_WAITING = 100_000
ME = pwd.getpwuid(os.geteuid()).pw_name
# as slurmctld 22.05 starts it
_EPILOG = {
    "SLURM_JOB_USER": ME,
    "SLURM_JOB_ID": "81725",
    "SLURM_ARRAY_JOB_ID": "81723",
    "SLURM_ARRAY_TASK_ID": "2",
    "SLURM_JOB_NAME": "align",
    "SLURM_JOB_COMMENT": "rule_align_wildcards_S7",
    "SLURM_JOB_WORK_DIR": "/scratch/project/run",
    "SLURM_JOB_STDOUT": "/scratch/project/run/logs/align-%A_%a.log",
    "SLURM_JOB_EXIT_CODE2": "1:0",
    "SLURM_JOB_RESTART_COUNT": "0",
    "SLURM_CLUSTER_NAME": "lab",
}
_JOBCOMP = {
    "USERNAME": ME,
    "JOBID": "81725",
    "ARRAYJOBID": "81723",
    "ARRAYTASKID": "2",
    "JOBNAME": "align",
    "JOBSTATE": "FAILED",
    "EXITCODE": "1:0",
    "SUBMIT": "1795915977",
    "WORK_DIR": "/scratch/project/run",
    "STDOUT": "/scratch/project/run/logs/align-%A_%a.log",
    "PARTITION": "short",
    "CLUSTER": "lab",
}
_ODD = {"SLURM_JOB_NAME": 'align "ü"'}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sites = _sites(Path(folder))
        work = _work(sites, Path(folder))
        took = _measured(work)
        _told(took)


def _sites(folder: Path) -> dict[str, Site]:
    """A spool with nothing in it, one in which very many events wait for a heal, and one that is full."""
    sites = {name: Site(folder / name / "etc", folder / name / "spool", ME) for name in ("idle", "waiting", "full")}
    for site in sites.values():
        site.install()
        site.admit(ME)
    _room(sites["waiting"], 10 * _WAITING)
    _room(sites["full"], _WAITING)
    for name in ("waiting", "full"):
        for place in range(_WAITING):
            # what waits is links to one file: the folder is what counts, and it is soon made
            _wait(sites[name], place)
        (sites[name].spool / ".next" / ME).write_text(f"{_WAITING}\n")
    return sites


def _room(site: Site, files: int) -> None:
    script = site.scripts / "slurm_ended.sh"
    script.write_text(script.read_text().replace("\nmost=10000\n", f"\nmost={files}\n"))


def _wait(site: Site, place: int) -> None:
    # a file system lets a file have some thousands of names
    first = site.spool / ME / f"{place - place % 10_000}.json"
    if place % 10_000 == 0:
        first.write_text("{}\n")
    else:
        os.link(first, site.spool / ME / f"{place}.json")


def _work(sites: Mapping[str, Site], folder: Path) -> dict[str, Callable[[], None]]:
    def hook(site: Site, **more: str) -> Callable[[], None]:
        return _started([str(site.scripts / "slurm_epilog.sh")], _EPILOG | more)

    def jobcomp(site: Site) -> Callable[[], None]:
        return _started([str(site.scripts / "slurm_jobcomp.sh")], _JOBCOMP)

    home = folder / "home"
    (home / "spool").mkdir(parents=True)
    job = {"PATH": os.environ["PATH"], "HEAL_HOME": str(home), "SLURM_JOB_ID": "81725", "SLURM_JOB_NAME": "align"}
    heal = str(Path(sys.executable).parent / "heal")
    return {
        "sh": _started(["/bin/sh", "-c", ":"], _EPILOG),
        "idle": hook(sites["idle"]),
        "waiting": hook(sites["waiting"]),
        "full": hook(sites["full"]),
        "nobody": hook(sites["idle"], SLURM_JOB_USER="nobody-who-asked"),
        "odd": hook(sites["idle"], **_ODD),
        "jobcomp": jobcomp(sites["idle"]),
        "jobcomp waiting": jobcomp(sites["waiting"]),
        "job.sh": _started(["/bin/sh", str(ROOT / "hooks" / "job.sh"), "--", "/bin/sh", "-c", ":"], job),
        "heal hook job": _started([heal, "hook", "job", "--", "/bin/sh", "-c", ":"], job),
    }


def _started(argv: list[str], env: Mapping[str, str]) -> Callable[[], None]:
    def run() -> None:
        subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    return run


def _measured(work: Mapping[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Seconds of each call, sorted; the first round of all is not counted."""
    took: dict[str, list[float]] = {name: [] for name in work}
    for number in range(_ROUNDS + 1):
        for name, call in work.items():
            begun = time.perf_counter()
            call()
            if number:
                took[name].append(time.perf_counter() - begun)
    return {name: sorted(found) for name, found in took.items()}


def _told(took: Mapping[str, list[float]]) -> None:
    what = {
        "idle": "SLURM's epilog hook, spool idle",
        "waiting": f"the same with {_WAITING:,} files waiting",
        "full": f"the same with a spool that is full at {_WAITING:,} files: the event is dropped",
        "nobody": "the same for a user who did not ask",
        "odd": "the same with a job name that needs escaping",
        "jobcomp": "SLURM's jobcomp hook, which the controller starts beside the epilog, spool idle",
        "jobcomp waiting": f"the same with {_WAITING:,} files waiting",
        "job.sh": "a command in a job, wrapped by `job.sh`: over the command",
        "heal hook job": "the same by `heal hook job`",
    }
    for name, text in what.items():
        middle, late = _at(took[name], 0.5), _at(took[name], 0.99)
        sh, sh_late = _at(took["sh"], 0.5), _at(took["sh"], 0.99)
        over = sh if name in ("job.sh", "heal hook job") else 0.0
        best = took[name][0] - (took["sh"][0] if over else 0.0)
        row(
            text,
            f"median {(middle - over) * 1e3:.1f} ms, p99 {(late - over) * 1e3:.1f} ms (best {best * 1e3:.1f})",
            f"{middle / sh:.1f} x `sh -c :` at the median ({sh * 1e3:.1f} ms), {late / sh_late:.1f} x at p99",
        )


def _at(found: list[float], part: float) -> float:
    return found[min(len(found) - 1, int(part * len(found)))]


if __name__ == "__main__":
    main()
