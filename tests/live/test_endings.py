"""Every way a job can end or never start, on real clusters: what heal takes it for, and by which evidence.

The first cluster polls memory (cluster.sh), the second has cgroups, two nodes and limits (pair.sh). All jobs of a
cluster are submitted at once, and each test waits for its own.
"""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.conftest import until
from tests.live.verdicts import Jobs

from heal.errors import SchedulerUnreachable
from heal.evidence.last_lines import kill_in_logs
from heal.evidence.scan import Scanner
from heal.jobs import JobState
from heal.knowledge.endings import signs, silent
from heal.knowledge.patterns import Library, load
from heal.records import Label
from heal.settings import Slurm
from heal.shipped import shipped

pytestmark = [pytest.mark.slurm, pytest.mark.xdist_group("endings")]

ME = getpass.getuser()
# touches every page; under cgroups it dies of that, where memory is polled it has to stay long enough to be seen
EAT = f"{sys.executable} -S -c 'import time; x = bytearray(b\"1\") * (300 << 20); time.sleep(20)'"
WARNED = (
    f"{sys.executable} -S -c 'import signal, sys, time; signal.signal(12, lambda *a: sys.exit(140)); time.sleep(300)'"
)
STRICT = Slurm(failed_step_fails=True)
PAIR = Path(__file__).parent / "pair.sh"


@pytest.fixture(scope="module")
def known(cache: Path) -> tuple[Library, Scanner]:
    library = load([shipped("patterns")], cache_dir=cache)
    return library, Scanner(library, cache)


# --- the first cluster: memory is polled -----------------------------------------------------------

FIRST = {
    "exit 1": ("--wrap=exit 1",),
    "exit 137": ("--wrap=exit 137",),
    # after a while: their memory has been seen, so that it cannot be the reason
    "kills itself": ("--wrap=sleep 4; kill -9 $$",),
    "srun child killed": ("--wrap=srun sh -c 'sleep 4; kill -9 $$'",),
    "srun fails": ("--wrap=srun sh -c 'exit 3'; exit 0",),
    "time": ("-t1", "--wrap=sleep 300"),
    "memory": ("--mem=50M", f"--wrap={EAT}"),
    "memory in srun": ("--mem=50M", f"--wrap=srun {EAT}"),
    "memory in srun, hidden": ("--mem=50M", f"--wrap=srun {EAT}; exit 0"),
    "child killed, hidden": ("--wrap=sh -c 'kill -9 $$'; exit 0",),
}


@pytest.fixture(scope="module")
def first(
    slurm: None, tmp_path_factory: pytest.TempPathFactory, known: tuple[Library, Scanner]
) -> tuple[Jobs, dict[str, str]]:
    jobs = Jobs(tmp_path_factory.mktemp("first"), *known)
    return jobs, {name: jobs.submit("--mem=60M", "-t3", *argv) for name, argv in FIRST.items()}


# what SLURM says, what is told of it, what it is taken for
@pytest.mark.parametrize(
    ("name", "said", "kind", "label"),
    [
        ("exit 1", (JobState.FAILED, 1, None), "task_failed", Label.UNKNOWN),
        ("exit 137", (JobState.FAILED, 137, None), "task_failed", Label.UNKNOWN),
        ("kills itself", (JobState.FAILED, None, 9), "task_failed", Label.UNKNOWN),
        ("srun child killed", (JobState.FAILED, 137, None), "task_failed", Label.UNKNOWN),
        ("time", (JobState.TIMEOUT, None, 15), "task_failed", Label.TIME_LIMIT),
        ("memory", (JobState.FAILED, None, 9), "task_failed", Label.OUT_OF_MEMORY),
        ("memory in srun", (JobState.FAILED, 137, None), "task_failed", Label.OUT_OF_MEMORY),
        ("child killed, hidden", (JobState.COMPLETED, 0, None), "task_finished", None),
    ],
)
def test_the_first_cluster_tells(
    first: tuple[Jobs, dict[str, str]],
    name: str,
    said: tuple[JobState, int | None, int | None],
    kind: str,
    label: Label | None,
) -> None:
    jobs, ids = first
    told = jobs.ended(ids[name])
    facts = told.facts
    assert ((facts.state, facts.exit_code, facts.signal), told.kind, told.diagnosis.label) == (said, kind, label)
    assert facts.source == "scontrol and sacct"


def test_polled_memory_is_proven_by_peak_and_kill(first: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = first
    for name in ("memory", "memory in srun"):
        facts = jobs.ended(ids[name], 60).facts
        [proof] = [sign for sign in signs(facts) if sign.label is Label.OUT_OF_MEMORY]
        assert proof.cause == f"The job was killed holding {facts.peak_mb:.0f} MB of the 50 MB it had asked for."


def test_a_kill_for_memory_that_the_script_hides_is_a_suspected_failure(first: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = first
    told = jobs.ended(ids["memory in srun, hidden"], 60)
    assert (told.facts.state, told.facts.exit_code) == (JobState.COMPLETED, 0)
    assert (told.kind, told.diagnosis.label, told.diagnosis.confidence) == ("task_failed", Label.OUT_OF_MEMORY, 0.55)
    assert told.event
    assert str(told.event.facts["silent"]).startswith("its script ended with 0, but a step of it was killed holding ")


def test_a_kill_of_a_child_that_the_script_hides_is_told_by_its_log(first: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = first
    told = jobs.ended(ids["child killed, hidden"])
    # the books say that all went well, and say where the log is
    assert ((told.facts.state, told.facts.exit_code), told.kind) == ((JobState.COMPLETED, 0), "task_finished")
    assert silent(told.facts) is None
    hidden = kill_in_logs(told.facts.log_paths)
    assert hidden is not None
    said = "its script ended with 0, but a program of it was killed, says its log: "
    assert (hidden.memory, hidden.text.startswith(said), "Killed" in hidden.text) == (False, True, True)


def test_a_step_that_failed_in_a_job_that_went_well_is_reported_only(first: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = first
    told = jobs.ended(ids["srun fails"])
    said = "its script ended with 0, but its step 0 failed with exit code 3"
    # by its steps: a busy SLURM may end the job before it has heard of the step, and derives nothing from it then
    assert (told.facts.state, told.kind) == (JobState.COMPLETED, "task_finished")
    assert told.event
    assert (told.event.facts["warning"], "silent" in told.event.facts) == (said, False)
    # and by the project's own rule it is a failure, of which nobody is sure enough to act
    strict = jobs.now(ids["srun fails"], STRICT)
    assert strict.event
    assert (strict.kind, strict.event.facts["silent"]) == ("task_failed", said)
    assert strict.diagnosis.confidence <= 0.55


# --- the second cluster: cgroups, two nodes, limits ------------------------------------------------

CLOSED = "Job's_account_not_permitted_to_use_this_partition_(closed_denies_pair_including_pair)"
SECOND = {
    "memory": ("--mem=50M", f"--wrap={EAT}"),
    "memory in srun": ("--mem=50M", f"--wrap=srun {EAT}"),
    "memory of a child": ("--mem=50M", f"--wrap={EAT}; exit 0"),
    "memory in srun, hidden": ("--mem=50M", f"--wrap=srun {EAT}; exit 0"),
    "no log folder": ("--output=no/such/folder/%j.out", "--wrap=true"),
    "no interpreter": ("no_interpreter.sh",),
    "no program": ("--wrap=srun /no/such/program",),
    "time": ("-t1", "--wrap=sleep 300"),
    "warned of its time": ("-t1", "--signal=B:USR2@30", f"--wrap=exec {WARNED}"),
    "deadline": ("-Alittle", "-c2", "-t1", "--deadline=now+70seconds", "--wrap=true"),
    "requeued by its exit code": ("--wrap=exit 77",),
    "held by its exit code": ("--wrap=exit 78",),
    # never start
    "PartitionTimeLimit": ("-t120", "--wrap=true"),
    "PartitionNodeLimit": ("-N3", "--wrap=true"),
    "PartitionConfig": ("-c20", "--wrap=true"),
    "QOSMaxWallDurationPerJobLimit": ("--qos=brief", "-t10", "--wrap=true"),
    "QOSMaxMemoryPerJob": ("--qos=brief", "-t1", "--mem=600M", "--wrap=true"),
    "AssocGrpCpuLimit": ("-Alittle", "-c2", "--wrap=true"),
    "AssocGrpMemLimit": ("-Alittle", "-c1", "--mem=400M", "--wrap=true"),
    "MaxMemPerLimit": ("-pnarrow", "--mem=200M", "--wrap=true"),
    CLOSED: ("-pclosed", "--wrap=true"),
    # may start
    "PartitionDown": ("-pdown", "--wrap=true"),
    "JobHeldUser": ("--hold", "--wrap=true"),
    "BeginTime": ("--begin=now+1hour", "--wrap=true"),
}


@pytest.fixture(scope="module")
def second(
    pair: str, tmp_path_factory: pytest.TempPathFactory, known: tuple[Library, Scanner]
) -> Iterator[tuple[Jobs, dict[str, str]]]:
    jobs = Jobs(tmp_path_factory.mktemp("second"), *known, pair)
    (jobs.folder / "no_interpreter.sh").write_text("#!/no/such/interpreter\necho\n")
    ids = {name: jobs.submit(*argv) for name, argv in SECOND.items()}
    yield jobs, ids
    jobs.run("scancel", *ids.values())


@pytest.mark.parametrize(
    ("name", "said", "label", "proof"),
    [
        ("memory", ("OUT_OF_MEMORY", None, 125), Label.OUT_OF_MEMORY, "The job used more memory than it was given."),
        (
            "memory in srun",
            ("FAILED", 1, None),
            Label.OUT_OF_MEMORY,
            "Its step 0 used more memory than the job was given.",
        ),
        # its script ended with 0: SLURM's word counts, and heal can be sure
        (
            "memory of a child",
            ("OUT_OF_MEMORY", None, 125),
            Label.OUT_OF_MEMORY,
            "The job used more memory than it was given.",
        ),
        (
            "no log folder",
            ("FAILED", None, 53),
            Label.MISSING_INPUT,
            "SLURM could not open the file for the job's output: its folder does not exist or is not writable.",
        ),
        ("no interpreter", ("FAILED", 2, None), Label.MISSING_DEPENDENCY, None),
        ("no program", ("FAILED", 2, None), Label.MISSING_DEPENDENCY, None),
        ("time", ("TIMEOUT", None, 15), Label.TIME_LIMIT, "The job ran into its time limit."),
        (
            "deadline",
            ("DEADLINE", None, 1),
            Label.CANCELLED,
            "SLURM removed the job: it could not end by its deadline.",
        ),
    ],
)
def test_the_second_cluster_tells(
    second: tuple[Jobs, dict[str, str]],
    name: str,
    said: tuple[str, int | None, int | None],
    label: Label,
    proof: str | None,
) -> None:
    jobs, ids = second
    told = jobs.ended(ids[name], 180)
    facts = told.facts
    assert ((facts.state_text, facts.exit_code, facts.signal), told.kind) == (said, "task_failed")
    assert told.diagnosis.label is label, told.diagnosis
    assert proof is None or proof in [sign.cause for sign in signs(facts)]


def test_out_of_memory_in_a_step_of_a_job_that_went_well_is_a_suspected_failure(
    second: tuple[Jobs, dict[str, str]],
) -> None:
    jobs, ids = second
    told = jobs.ended(ids["memory in srun, hidden"])
    said = "its script ended with 0, but its step 0 was killed for its memory"
    assert told.event
    assert (told.facts.state, told.facts.exit_code) == (JobState.COMPLETED, 0)
    assert (told.kind, told.event.facts["silent"]) == ("task_failed", said)
    # the log names the kill too, and still it is for a person to say that it failed
    assert (told.diagnosis.label, told.diagnosis.confidence) == (Label.OUT_OF_MEMORY, 0.55)


def test_a_program_that_ends_at_the_warning_of_its_time_limit(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = second
    told = jobs.ended(ids["warned of its time"], 120)
    # Nextflow's way: no word of time anywhere, and long before the limit where the limit is short
    assert (told.facts.state_text, told.facts.exit_code, told.kind) == ("FAILED", 140, "task_failed")
    # a guess by the exit code alone, which any line of the log outranks
    assert "exit code 140" in [account.citation.text for account in told.diagnosis.ledger]


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("PartitionTimeLimit", "its time limit is above what the partition allows"),
        ("PartitionNodeLimit", "it asks for more nodes than the partition gives one job, or some of them are down"),
        ("PartitionConfig", "it asks for more than the partition gives one job"),
        ("QOSMaxWallDurationPerJobLimit", "it asks for more than its QOS gives one job"),
        ("QOSMaxMemoryPerJob", "it asks for more than its QOS gives one job"),
        (
            "AssocGrpCpuLimit",
            "account little gives 1 cpu to all its jobs together, and this one asks for 2 cpus",
        ),
        (
            "AssocGrpMemLimit",
            "account little gives 300 MB of memory to all its jobs together, and this one asks for 400 MB of memory",
        ),
        ("MaxMemPerLimit", "it asks for more memory than one job may have on a node or a cpu"),
        (CLOSED, "its account may not be used there"),
    ],
)
def test_a_job_that_can_never_start_is_a_failure(second: tuple[Jobs, dict[str, str]], name: str, because: str) -> None:
    jobs, ids = second
    told = jobs.waiting(ids[name], name)
    assert told.event
    assert (told.kind, told.event.facts["reason"]) == ("task_failed", name)
    assert told.event.facts["message"] == f"SLURM job {ids[name]} waits, {name}, and can never start: {because}"
    assert ids[name] in told.event.facts["advice"]
    assert (told.diagnosis.label, told.diagnosis.cause) == (
        Label.SCHEDULER_REJECTED,
        f"The job waits and can never start: {because}.",
    )
    assert told.diagnosis.root
    assert told.diagnosis.root.text == f"PENDING, reason {name}"


def test_a_job_that_waits_for_others_of_its_account_is_none(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    runs = jobs.submit("-Alittle", "-c1", "--mem=50M", "--wrap=sleep 60")
    jobs.running(runs)
    waits = jobs.submit("-Alittle", "-c1", "--mem=50M", "--wrap=true")
    told = jobs.waiting(waits, "AssocGrpCpuLimit")
    jobs.run("scancel", runs, waits)
    assert (told.facts.ceiling, told.kind) == ("", "nothing")


@pytest.mark.parametrize("name", ["PartitionDown", "JobHeldUser", "BeginTime"])
def test_a_job_that_may_still_start_is_none(second: tuple[Jobs, dict[str, str]], name: str) -> None:
    jobs, ids = second
    assert jobs.waiting(ids[name], name).kind == "nothing"


def test_what_the_site_runs_again_by_itself_is_not_heals_turn(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = second
    job = ids["requeued by its exit code"]
    assert until(lambda: (known := jobs.facts(job)) and known.restarts == 1, 60), jobs.facts(job)
    told = jobs.now(job)
    assert (told.facts.state, told.facts.exit_code, told.kind) == (JobState.PENDING, None, "nothing")


def test_what_the_site_runs_again_has_not_failed_and_those_that_wait_for_it_go_on(
    second: tuple[Jobs, dict[str, str]],
) -> None:
    # Given a job that the site puts back by its exit code, and that goes well the second time; and one that waits for it
    jobs, _ = second
    job = jobs.submit("--wrap=test ${SLURM_RESTART_COUNT:-0} -gt 0 || exit 77")
    after = jobs.submit(f"--dependency=afterok:{job}", "--wrap=true")
    seen: list[str] = []

    def over() -> bool:
        told = [jobs.now(one) for one in (job, after)]
        seen.extend(one.kind for one in told if not one.facts.state.over)
        return all(one.facts.state.over for one in told)

    assert until(lambda: over() or jobs.facts(job).restarts == 1, 60), jobs.facts(job)
    # SLURM would let it wait for two minutes
    jobs.run("scontrol", "update", f"jobid={job}", "starttime=now")
    assert until(over, 180), jobs.facts(job)
    # Then it is never told of as failed, and both have ended well
    assert set(seen) == {"nothing"}
    told = [jobs.ended(one) for one in (job, after)]
    assert [(one.facts.state, one.facts.exit_code, one.kind) for one in told] == [
        (JobState.COMPLETED, 0, "task_finished")
    ] * 2
    assert told[0].facts.restarts == 1


def test_what_the_site_holds_after_it_failed_needs_a_person(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, ids = second
    told = jobs.waiting(ids["held by its exit code"], "JobHeldUser")
    assert (told.facts.state_text, told.facts.restarts, told.kind) == ("SPECIAL_EXIT", 1, "task_failed")
    assert told.diagnosis.cause == (
        "The job waits and can never start: it failed, and the site's rules put it back and hold it."
    )


def test_a_job_put_back_by_hand_waits_again(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    job = jobs.submit("--wrap=exit 5")
    assert jobs.ended(job).facts.exit_code == 5
    jobs.run("scontrol", "requeue", job)
    assert until(lambda: (known := jobs.facts(job)) and known.state is JobState.PENDING), jobs.facts(job)
    told = jobs.now(job)
    jobs.run("scancel", job)
    assert (told.facts.restarts, told.facts.exit_code, told.kind) == (1, None, "nothing")


# --- cancelled, by whom ----------------------------------------------------------------------------


def test_its_own_user_cancelled_it(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    job = jobs.submit("--wrap=sleep 300")
    jobs.running(job)
    jobs.run("scancel", job)
    told = jobs.ended(job)
    assert (told.kind, told.diagnosis.label) == ("task_failed", Label.CANCELLED)
    assert f"{ME}, whose job it is, cancelled it." in [sign.cause for sign in signs(told.facts)]


def test_an_administrator_cancelled_it(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    job = jobs.submit("--wrap=sleep 300", user="nobody")
    jobs.running(job)
    jobs.run("scancel", job)
    told = jobs.ended(job)
    assert (told.facts.user, told.facts.cancelled_by, told.diagnosis.label) == ("nobody", ME, Label.CANCELLED)
    said = f"{ME} (an administrator, or SLURM itself) cancelled the job of nobody."
    assert said in [sign.cause for sign in signs(told.facts)]


def test_a_failed_job_took_those_that_depend_on_it_along(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    failing = jobs.submit("--wrap=exit 1")
    killed = jobs.submit(f"--dependency=afterok:{failing}", "--kill-on-invalid-dep=yes", "--wrap=true")
    stuck = jobs.submit(f"--dependency=afterok:{failing}", "--wrap=true")
    told = jobs.ended(killed)
    said = "SLURM cancelled the job before it began: a job that it depends on has failed."
    assert (told.facts.state_text, told.facts.cancelled_by) == ("CANCELLED", None)
    assert (told.diagnosis.label, told.diagnosis.cause) == (Label.CANCELLED, said)
    waits = jobs.waiting(stuck, "DependencyNeverSatisfied")
    jobs.run("scancel", stuck)
    assert (waits.kind, waits.diagnosis.label) == ("task_failed", Label.SCHEDULER_REJECTED)


def test_an_administrator_holds_it(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    job = jobs.submit("--begin=now+1hour", "--wrap=true", user="nobody")
    jobs.run("scontrol", "hold", job)
    told = jobs.waiting(job, "JobHeldAdmin")
    jobs.run("scancel", job)
    assert (told.kind, told.diagnosis.label) == ("task_failed", Label.SCHEDULER_REJECTED)
    assert told.event
    assert told.event.facts["advice"] == "Ask the administrators; only they can release it."


# --- the cluster takes it away ---------------------------------------------------------------------


def test_it_had_to_make_way(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    weak = jobs.submit("-pscavenge", "-wnode01", "--exclusive", "--no-requeue", "--wrap=sleep 300")
    jobs.running(weak)
    strong = jobs.submit("-pnormal", "-wnode01", "--exclusive", "--wrap=true")
    told = jobs.ended(weak)
    jobs.ended(strong)
    assert (told.facts.state, told.kind, told.diagnosis.label) == (
        JobState.PREEMPTED,
        "task_failed",
        Label.NODE_FAILURE,
    )
    assert "The job had to make way for another job." in [sign.cause for sign in signs(told.facts)]


def test_its_node_died(second: tuple[Jobs, dict[str, str]], until: Callable[..., bool]) -> None:
    jobs, _ = second
    alone = jobs.submit("-wnode02", "--no-requeue", "--wrap=sleep 300")
    again = jobs.submit("-wnode02", "--requeue", "--wrap=sleep 300")
    jobs.running(alone)
    jobs.running(again)
    try:
        _kill_node("node02", alone, again)
        told = jobs.ended(alone, 120)
        put_back = jobs.now(again)
    finally:
        jobs.run("scancel", again)
        subprocess.run(["bash", PAIR, "up"], check=True, capture_output=True)
    assert (told.facts.state, told.kind, told.diagnosis.label) == (
        JobState.NODE_FAIL,
        "task_failed",
        Label.NODE_FAILURE,
    )
    assert told.diagnosis.cause == "The node failed under the job."
    # the site runs it again by itself
    assert (put_back.facts.state, put_back.facts.restarts, put_back.kind) == (JobState.PENDING, 1, "nothing")


def _kill_node(node: str, *jobs: str) -> None:
    """Everything of the node at once: the daemon, what runs the steps, and the jobs' own processes."""
    marks = [f"slurmd -f /etc/slurm-heal-pair/slurm.conf -N {node}", *(f"slurmstepd: [{job}." for job in jobs)]
    doomed = [int(one.name) for one in Path("/proc").glob("[0-9]*") if any(mark in _command(one) for mark in marks)]
    for job in jobs:
        for tasks in Path("/sys/fs/cgroup/freezer").glob(f"slurm*/uid_*/job_{job}/**/cgroup.procs"):
            doomed += [int(pid) for pid in tasks.read_text().split()]
    assert len(doomed) > len(jobs)
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _command(process: Path) -> str:
    with suppress(OSError):
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


# --- refused, and told all the same ----------------------------------------------------------------


def test_accounting_keeps_a_job_that_was_refused(second: tuple[Jobs, dict[str, str]]) -> None:
    jobs, _ = second
    name = f"refused-{os.getpid()}"
    with pytest.raises(subprocess.CalledProcessError):
        jobs.submit(f"--job-name={name}", "--mem=99G", "--wrap=true")
    asked = ("sacct", "-nPX", f"--name={name}", "-ojobid", "-Snow-1hour", "-Enow")
    assert until(lambda: jobs.run(*asked))
    told = jobs.now(jobs.run(*asked).split()[0])
    assert (told.facts.state_text, told.facts.nodes, told.facts.elapsed_s) == ("FAILED", None, 0)
    assert (told.diagnosis.label, told.diagnosis.cause) == (
        Label.SCHEDULER_REJECTED,
        "SLURM refused the job when it was submitted: it never ran.",
    )


# --- a side that does not answer -------------------------------------------------------------------


def _with(pair: str, folder: Path, *changed: tuple[str, str]) -> str:
    """The second cluster's configuration, with an address where nobody answers."""
    text = Path(pair).read_text()
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    for beside in ("gres.conf", "cgroup.conf"):
        (folder / beside).write_text((Path(pair).parent / beside).read_text())
    (folder / "slurm.conf").write_text(text)
    return str(folder / "slurm.conf")


NO_CONTROLLER = ("SlurmctldPort=6917", "SlurmctldPort=6999")
NO_ACCOUNTING = ("AccountingStoragePort=6920", "AccountingStoragePort=6999")


def test_without_the_controller_accounting_tells_and_says_so(
    second: tuple[Jobs, dict[str, str]], pair: str, tmp_path: Path, known: tuple[Library, Scanner]
) -> None:
    jobs, _ = second
    job = jobs.submit("--wrap=exit 137")
    jobs.ended(job)
    alone = Jobs(tmp_path, *known, _with(pair, tmp_path, NO_CONTROLLER)).facts(job)
    assert alone
    # sacct takes 128 away, and nothing gives it back
    assert (alone.state, alone.exit_code, alone.reason) == (JobState.FAILED, 9, None)
    assert alone.source.startswith("sacct (without the other: ")
    assert "Unable to contact slurm controller" in alone.source


def test_without_accounting_the_controller_tells_and_says_so(
    second: tuple[Jobs, dict[str, str]], pair: str, tmp_path: Path, known: tuple[Library, Scanner]
) -> None:
    jobs, _ = second
    job = jobs.submit("--wrap=exit 137")
    jobs.ended(job)
    alone = Jobs(tmp_path, *known, _with(pair, tmp_path, NO_ACCOUNTING)).facts(job)
    assert alone
    assert (alone.state, alone.exit_code, alone.steps) == (JobState.FAILED, 137, ())
    assert alone.source.startswith("scontrol (without the other: sacct: error: ")


def test_without_both_nothing_is_said(pair: str, tmp_path: Path, known: tuple[Library, Scanner]) -> None:
    jobs = Jobs(tmp_path, *known, _with(pair, tmp_path, NO_CONTROLLER, NO_ACCOUNTING))
    with pytest.raises(SchedulerUnreachable, match="SLURM does not answer"):
        jobs.facts("1")
