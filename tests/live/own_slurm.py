"""A SLURM of a test's own beside the first one, for what a SLURM takes up only when it starts.

It shares munge and slurmdbd with the cluster of cluster.sh and has ports, state and configuration of its own, so that
nobody else's jobs wait while it starts. Commands reach it by SLURM_CONF.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.live.pipelines import BIN

CONF = """\
ClusterName={name}
SlurmctldHost={host}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthType=auth/munge
StateSaveLocation={folder}/ctld
SlurmdSpoolDir={folder}/node
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
{accounting}
ReturnToService=2
MpiDefault=none
KillWait=5
NodeName=own NodeHostname={host} CPUs=4 RealMemory=4000 State=UNKNOWN
PartitionName=short Nodes=ALL Default=YES MaxTime=60 DefaultTime=10 State=UP OverSubscribe=FORCE:32 DefMemPerCPU=100"""

ACCOUNTING = """\
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoreFlags=job_script,job_comment"""
NO_ACCOUNTING = "AccountingStorageType=accounting_storage/none"


def _free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on: another suite may run on this host."""
    with socket.create_server(("", 0)) as one, socket.create_server(("", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


class OwnSlurm:
    """``up`` starts it, ``down`` undoes all of it. ``more``: further lines of its slurm.conf."""

    def __init__(self, folder: Path, until: Callable[..., bool], more: str = "", accounting: str = ACCOUNTING) -> None:
        self.folder = folder
        self.conf = folder / "slurm.conf"
        self.name = f"own{os.getpid()}"
        self._until = until
        self._daemons: list[subprocess.Popen[bytes]] = []
        host = os.uname().nodename.partition(".")[0]
        # without an end to its last line, as people leave it
        ports = _free_ports()
        text = CONF.format(name=self.name, host=host, folder=folder, ports=ports, accounting=accounting)
        self.conf.write_text(more + text, encoding="utf-8")
        (folder / "ctld").mkdir()

    @property
    def env(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEAL_", "SLURM_"))}
        return {**clean, "PATH": f"{BIN}:{clean['PATH']}", "SLURM_CONF": str(self.conf)}

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def up(self) -> None:
        """Raise AssertionError where it does not start."""
        for argv in (("cluster", self.name), ("account", "heal", f"cluster={self.name}")):
            self.run("sacctmgr", "-i", "add", *argv)
        self.run("sacctmgr", "-i", "add", "user", "root", "account=heal", f"cluster={self.name}")
        self._start("slurmctld", "-D", "-f", str(self.conf))
        assert self._until(lambda: "is UP" in self.run("scontrol", "ping").stdout, 30), self.log()
        self._start("slurmd", "-D", "-N", "own", "-f", str(self.conf))
        assert self._until(lambda: self.run("sinfo", "-h", "-o", "%t").stdout.strip() == "idle", 30), self.log()

    def _start(self, *argv: str) -> None:
        with (self.folder / f"{argv[0]}.out").open("wb") as out:
            self._daemons.append(
                subprocess.Popen(
                    argv,
                    env=self.env,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def log(self) -> str:
        return (self.folder / "slurmctld.log").read_text(encoding="utf-8", errors="replace")

    def down(self) -> None:
        """End what was started, and nothing else."""
        self.run("scancel", "--user=root")
        for daemon in reversed(self._daemons):
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(20)
            if daemon.poll() is None:
                os.killpg(daemon.pid, signal.SIGKILL)
                daemon.wait(20)
        self.run("sacctmgr", "-i", "delete", "cluster", self.name)


class Hooked(OwnSlurm):
    """The same with heal's hooks put into its slurm.conf by ``heal hook install``."""

    def __init__(self, folder: Path, until: Callable[..., bool]) -> None:
        super().__init__(folder, until)
        self.spool = folder / "spool"
        self.scripts = folder / "heal"

    def install(self, *words: str) -> str:
        where = ("--folder", str(self.scripts), "--spool", str(self.spool), "--edit-conf", str(self.conf))
        ran = self.run("heal", "hook", "install", "slurm", *where, "--user", "root", *words)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def up(self) -> None:
        """Raise AssertionError where it does not start."""
        self.install()
        super().up()
