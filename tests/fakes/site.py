"""A SLURM of recorded answers: programs on a PATH of their own that print what a real one would, and count their calls.

The answers are those of SLURM 22.05.8 (tests/schedulers/recorded), a line for each job. Jobs do not run: whoever uses
this says how they end. What sbatch was asked for stands in ``submissions``, a command line each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

DELIMITER = "\x1f"
# the id of the first job that sbatch submits
_FIRST = 900_001
FIELDS = (
    "JobID JobIDRaw JobName User Partition Account QOS Cluster State ExitCode DerivedExitCode ReqMem MaxRSS ElapsedRaw "
    "TimelimitRaw Submit NodeList NCPUS NNodes Comment WorkDir SubmitLine"
)
_CALL = 'echo "${0##*/} $*" >> "$HERE/calls"\n'
_PROGRAMS = {
    "squeue": 'exec cat "$HERE/queue.txt"',
    "sacct": (
        f'case "$*" in *helpformat*) exec echo "{FIELDS}";; esac\n'
        'case "$*" in *--allocations*) exec grep -v "^[^.]*[.]batch" "$HERE/sacct.txt";; esac\n'
        'case "$*" in *--jobs=*) ;; *) exec cat "$HERE/sacct.txt";; esac\n'
        "for word; do case $word in --jobs=*) of=${word#--jobs=};; esac; done\n"
        'exec awk -v of="$of" \'\n'
        'BEGIN { n = split(of, ids, ","); while (n) wanted[ids[n--]] }\n'
        '{ job = substr($0, 1, match($0, /[.\\037]/) - 1); split(job, parts, "_") }\n'
        "job in wanted || parts[1] in wanted\n"
        '\' "$HERE/sacct.txt"'
    ),
    "sinfo": 'exec echo "short|64000|16"',
    "sacctmgr": 'case "$*" in *qos*) exec echo "normal|||||||";; esac\nexec echo "heal|lab||normal|normal|||||me|"',
    "scontrol": (
        'case "$*" in\n*partition*) exec echo "PartitionName=short Default=YES MaxTime=10:00:00";;\n'
        '*write*) printf "#!/bin/sh\\n#SBATCH --mem=100M\\n./work\\n"; exit;;\nesac\n'
        'case "$*" in *"show job "*) ;; *) exec cat "$HERE/jobs.txt";; esac\n'
        'of=${*##* }; [ "$of" = "${of%_*}" ] || of="${of%_*} ArrayTaskId=${of#*_}"\n'
        'grep -E "^JobId=$of |ArrayJobId=$of " "$HERE/jobs.txt" && exit\n'
        'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1'
    ),
    "sbatch": ('echo "$*" >> "$HERE/submissions"\necho $((900000 + $(wc -l < "$HERE/submissions")))'),
}


@dataclass
class Job:
    """One job or array element, or all of an array that wait (``5_[4-9]``): its id and how it stands.

    ``queued``: the controller knows it still.
    """

    id: str
    state: str = "RUNNING"
    exit: str = "0:0"
    rss: str = ""
    log: str = "/dev/null"
    submitted: str = "2026-11-29T01:00:00"
    comment: str = ""
    queued: bool = True

    @property
    def raw(self) -> str:
        """Its number inside SLURM."""
        base, _, element = self.id.partition("_")
        return str(int(base) + int(element)) if element.isdigit() else base

    @property
    def over(self) -> bool:
        return self.state not in ("RUNNING", "PENDING")


@dataclass
class Site:
    """``folder`` holds the programs and what they answer. ``show`` writes the answers anew.

    ``others``: how many jobs of other people the controller has. ``workdir``: where all jobs lie.
    """

    folder: Path
    user: str = "root"
    uid: int = 0
    jobs: dict[str, Job] = field(default_factory=dict)
    others: int = 0
    workdir: str = "/usr"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in _PROGRAMS.items():
            path = self.folder / name
            path.write_text(f'#!/bin/sh\nHERE="{self.folder}"\n{_CALL}{text}\n', encoding="utf-8")
            path.chmod(0o755)
        (self.folder / "calls").touch()
        (self.folder / "submissions").touch()
        self.show()

    @property
    def path(self) -> str:
        return f"{self.folder}:/usr/bin:/bin"

    def calls(self) -> list[str]:
        """What was asked so far, a command line each; not what a program knows by itself."""
        lines = (self.folder / "calls").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.endswith(" --helpformat")]

    def submissions(self) -> list[str]:
        return (self.folder / "submissions").read_text(encoding="utf-8").splitlines()

    def put(self, jobs: Iterable[Job]) -> None:
        self.jobs.update({job.id: job for job in jobs})

    def show(self) -> None:
        """Let the programs answer as the jobs stand now."""
        queued = [job for job in self.jobs.values() if job.queued]
        strangers = (Job(str(9_000_000 + number)) for number in range(self.others))
        self._write("queue.txt", (self._queued(job) for job in queued))
        self._write(
            "jobs.txt", chain(map(self._recorded, queued), (self._recorded(job, "eve(1001)") for job in strangers))
        )
        asked = {str(_FIRST + at): f"sbatch {line}" for at, line in enumerate(self.submissions())}
        self._write("sacct.txt", (line for job in self.jobs.values() for line in self._accounted(job, asked)))

    def _write(self, name: str, lines: Iterable[str]) -> None:
        # line by line: of fifty thousand jobs a text is as large as what is measured beside it
        with (self.folder / name).open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)

    @staticmethod
    def _queued(job: Job) -> str:
        reason = "NonZeroExitCode" if job.state == "FAILED" else "None"
        return f"{job.id}|{job.state}|{reason}|{job.submitted}|(null)"

    def _recorded(self, job: Job, user: str = "") -> str:
        base, _, element = job.id.partition("_")
        array = f" ArrayJobId={base} ArrayTaskId={element.strip('[]')}" if element else ""
        ended = job.submitted if job.over else "None"
        return (
            f"JobId={job.raw}{array} JobName=work UserId={user or f'{self.user}({self.uid})'} GroupId=users(100) MCS_label=N/A "
            f"Priority=1 Nice=0 Account=lab QOS=normal JobState={job.state} Reason=None Dependency=(null) Requeue=1 "
            f"Restarts=0 BatchFlag=1 Reboot=0 ExitCode={job.exit} RunTime=00:01:00 TimeLimit=01:00:00 TimeMin=N/A "
            f"SubmitTime={job.submitted} EligibleTime={job.submitted} StartTime={job.submitted} EndTime={ended} "
            "Deadline=N/A Scheduler=Main Partition=short ReqNodeList=(null) ExcNodeList=(null) NodeList=n01 BatchHost=n01 "
            "NumNodes=1 NumCPUs=1 NumTasks=1 CPUs/Task=1 TRES=cpu=1,mem=100M,node=1,billing=1 MinCPUsNode=1 "
            f"MinMemoryNode=100M MinTmpDiskNode=0 Features=(null) Command=/usr/work.sh WorkDir={self.workdir} "
            f"Comment={job.comment} StdErr={job.log} StdIn=/dev/null StdOut={job.log} Power="
        )

    def _accounted(self, job: Job, asked: Mapping[str, str]) -> Iterable[str]:
        head = [
            job.id,
            job.raw,
            "work",
            self.user,
            "short",
            "lab",
            "normal",
            "heal",
            job.state,
            job.exit,
            "0:0",
            "100M",
            "",
            "60",
        ]
        line = asked.get(job.id.partition("_")[0], "sbatch --array=0-9 work.sh")
        tail = ["60", job.submitted, "n01", "1", "1", job.comment, self.workdir, line]
        yield DELIMITER.join([*head, *tail])
        if job.over:
            step = [
                f"{job.id}.batch",
                f"{job.raw}.batch",
                "batch",
                "",
                "",
                "lab",
                "",
                "heal",
                job.state,
                job.exit,
                "",
                "",
                job.rss,
            ]
            yield DELIMITER.join([*step, "60", "", job.submitted, "n01", "1", "1", "", "", ""])
