"""How a job ended, by the scheduler's books alone: each thing that they prove, and what went wrong inside a success.

The rows behind the rules are those of a real 22.05 (one cluster that polls memory, one with cgroups); see
tests/live/test_endings.py, which asks for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from heal.jobs import JobFacts, JobState, Step
from heal.knowledge.waiting import NEVER_SATISFIED, never_starts
from heal.records import Label, Weight

# resident memory is sampled: close to what was asked for counts as all of it
FULL = 0.95
# SLURM's own numbers where a signal stands: the file for the job's output cannot be opened, out of memory
NO_OUTPUT_FILE, MEMORY_SIGNAL = 53, 125
_KILL, _TERM, _USR2 = 9, 15, 12
_SHELL = 128
# a warning before the time limit (sbatch --signal) comes up to a minute early, and Nextflow asks for it 30 s before
_WARNED_S = 120
# what a job is told to end with when its time is up
_TOLD = (_TERM, _USR2, 10, 24)

# how sure heal is of a failure that the job's own exit code denies: enough to tell, too little to act
SUSPECTED = 0.55

_FAILED = (JobState.FAILED, JobState.CANCELLED)
# exit codes, and signals as 128 + signal: what each suggests alone, weaker than any line of a log
_EXITS: Mapping[int, tuple[Label, str, float]] = {
    124: (Label.TIME_LIMIT, "A time limit set around the command ran out (exit 124).", 0.6),
    126: (Label.PERMISSION, "The program was found but may not be executed (exit 126).", 0.5),
    127: (Label.MISSING_DEPENDENCY, "A program was not found (exit 127).", 0.6),
    130: (Label.CANCELLED, "The program was interrupted (exit 130).", 0.6),
    134: (Label.TOOL_CRASH, "The program aborted (exit 134).", 0.5),
    135: (Label.TOOL_CRASH, "The program died of a bus error (exit 135).", 0.5),
    136: (Label.TOOL_CRASH, "The program died of an arithmetic error (exit 136).", 0.5),
    137: (Label.UNKNOWN, "The program was killed (exit 137), often for its memory; nothing shows by whom or why.", 0.3),
    139: (Label.TOOL_CRASH, "The program crashed (exit 139, segmentation fault).", 0.6),
    140: (Label.TIME_LIMIT, "The scheduler's warning signal ended the job (exit 140), as near its time limit.", 0.65),
    143: (Label.CANCELLED, "The program was told to end (exit 143).", 0.4),
    152: (Label.TIME_LIMIT, "The limit on processor time ran out (exit 152).", 0.6),
    153: (Label.DISK_FULL, "A file grew past the size that is allowed (exit 153).", 0.5),
    181: (Label.MISSING_INPUT, "SLURM could not open the file for the job's output.", 0.6),
}
# sysexits(3), by those programs that keep to it; others mean something else by these numbers, so any word counts more
_MAYBE = 0.3
_SYSEXITS: Mapping[int, tuple[Label, str]] = {
    64: (Label.BAD_PARAMETER, "the command was used wrongly (EX_USAGE)"),
    65: (Label.BAD_INPUT_DATA, "the input data is not as it should be (EX_DATAERR)"),
    66: (Label.MISSING_INPUT, "an input file is not there or cannot be read (EX_NOINPUT)"),
    67: (Label.AUTH, "a user is not known (EX_NOUSER)"),
    68: (Label.NETWORK, "a host is not known (EX_NOHOST)"),
    69: (Label.NETWORK, "a service is not available (EX_UNAVAILABLE)"),
    70: (Label.UNKNOWN, "the program has an error of its own (EX_SOFTWARE)"),
    71: (Label.UNKNOWN, "the operating system refused something (EX_OSERR)"),
    72: (Label.MISSING_INPUT, "a file of the system is missing (EX_OSFILE)"),
    73: (Label.PERMISSION, "an output file cannot be made (EX_CANTCREAT)"),
    74: (Label.FILESYSTEM_TRANSIENT, "reading or writing failed (EX_IOERR)"),
    75: (Label.UNKNOWN, "something failed for a while only (EX_TEMPFAIL)"),
    76: (Label.NETWORK, "the other side answered against the protocol (EX_PROTOCOL)"),
    77: (Label.PERMISSION, "something is not permitted (EX_NOPERM)"),
    78: (Label.BAD_PARAMETER, "something is set up wrongly (EX_CONFIG)"),
}
_EXIT_WEIGHT = Weight(11, "what such an exit code mostly means")
_BY_STATE = "the scheduler says how the job ended"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that the books prove: the cause it speaks for, how sure, what it weighs; ``text`` is the proof."""

    label: Label
    cause: str
    sure: float
    weight: Weight
    text: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """What went wrong inside a job that ended with 0. ``memory``: a part of it was killed for its memory."""

    text: str
    memory: bool


def silent(job: JobFacts) -> Silent | None:
    """What went wrong inside a job that the scheduler calls completed; None for any other job."""
    if job.state is not JobState.COMPLETED:
        return None
    for step in _steps(job):
        if _of_memory(step):
            return Silent(f"its script ended with 0, but its step {step.name} was killed for its memory", memory=True)
    if _was_killed(job) and _full(job):
        said = f"its script ended with 0, but a step of it was killed holding {_held(job)}"
        return Silent(said, memory=True)
    return _failed_step(job)


def _failed_step(job: JobFacts) -> Silent | None:
    for step in _steps(job):
        if step.state.over and step.state is not JobState.COMPLETED:
            return Silent(f"its script ended with 0, but its step {step.name} {_how(step)}", memory=False)
    code, signal = job.derived or (0, 0)
    if not (code or signal):
        return None
    how = f"was killed by signal {signal}" if signal else f"failed with exit code {code}"
    return Silent(f"its script ended with 0, but a step of it {how}", memory=signal == MEMORY_SIGNAL)


def _how(step: Step) -> str:
    if step.signal:
        return f"was ended by signal {step.signal}"
    return f"failed with exit code {step.exit_code}" if step.exit_code else f"is {step.state_text}"


def signs(job: JobFacts) -> tuple[Sign, ...]:
    """What the books prove of why it ended, or why it never starts."""
    return (
        *_waiting(job),
        *_refused(job),
        *_memory(job),
        *_time(job),
        *_node(job),
        *_cancelled(job),
        *_output(job),
        *_exit(job),
    )


def reached(job: JobFacts) -> float | None:
    """The least that the job must have held, in MB: its sampled peak, or all it was given where SLURM says it was full.

    Under cgroups the kernel kills at the limit, between two samples: MaxRSS is then too low, or 0.
    """
    full = job.state is JobState.OUT_OF_MEMORY or any(_of_memory(step) for step in _steps(job))
    return max(job.peak_mb or 0.0, job.asked_mb) if full and job.asked_mb else job.peak_mb


def _waiting(job: JobFacts) -> Iterator[Sign]:
    if never := never_starts(job):
        sure = 0.95 if never.certain else 0.85
        why = Weight(45, "a reason that no waiting will end")
        cause = f"The job waits and can never start: {never.because}."
        yield Sign(Label.SCHEDULER_REJECTED, cause, sure, why, f"{job.state_text}, reason {job.reason or 'not told'}")


def _refused(job: JobFacts) -> Iterator[Sign]:
    # SLURM keeps a record of a job that sbatch was told no about (22.05): FAILED, on no node, for no time
    by_slurm = job.source != "event"  # a task of this machine is on no node either, and may fail at once
    if by_slurm and job.state is JobState.FAILED and job.nodes is None and job.elapsed_s == 0 and not job.steps:
        cause = "SLURM refused the job when it was submitted: it never ran."
        why = Weight(42, "it has been on no node and for no time")
        yield Sign(Label.SCHEDULER_REJECTED, cause, 0.85, why)


def _memory(job: JobFacts) -> Iterator[Sign]:
    by_state = Weight(40, _BY_STATE)
    if job.state is JobState.OUT_OF_MEMORY:
        yield Sign(Label.OUT_OF_MEMORY, "The job used more memory than it was given.", 0.97, by_state)
        return
    hidden = silent(job)
    if hidden:
        why = Weight(40, "a step of it was killed for its memory, and its script ended with 0")
        if hidden.memory:
            yield Sign(Label.OUT_OF_MEMORY, f"A suspected silent failure: {hidden.text}.", SUSPECTED, why)
        return
    step = next((step for step in _steps(job) if _of_memory(step)), None)
    if step and job.state in _FAILED:
        cause = f"Its step {step.name} used more memory than the job was given."
        yield Sign(Label.OUT_OF_MEMORY, cause, 0.96, Weight(40, "the scheduler says how the step ended"), step.text)
    elif _was_killed(job) and _full(job):
        why = Weight(40, "killed with its memory used up, as the accounting shows")
        yield Sign(Label.OUT_OF_MEMORY, f"The job was killed holding {_held(job)} it had asked for.", 0.93, why)


def _steps(job: JobFacts) -> list[Step]:
    # .extern is where processes that came in from outside run: not the job's own work
    return [step for step in job.steps if step.name != "extern"]


def _of_memory(step: Step) -> bool:
    return step.state is JobState.OUT_OF_MEMORY or step.signal == MEMORY_SIGNAL


def _was_killed(job: JobFacts) -> bool:
    if job.state is JobState.CANCELLED and job.cancelled_by and not _over(job):
        return False  # whoever cancelled it had it killed
    signals = {job.signal, *(step.signal for step in job.steps), (job.derived or (0, 0))[1]}
    return _KILL in signals or _code(job) == _SHELL + _KILL


def _code(job: JobFacts) -> int | None:
    """The exit code; where accounting alone tells it, the 128 that it loses up to 25.05 is unknown, and added."""
    code = job.exit_code
    alone = job.source.startswith("sacct")
    return code + _SHELL if code in (_KILL, *_TOLD) and alone and job.state is JobState.FAILED else code


def _full(job: JobFacts) -> bool:
    return bool(job.peak_mb and job.asked_mb and job.peak_mb >= FULL * job.asked_mb)


def _over(job: JobFacts) -> bool:
    return bool(job.peak_mb and job.asked_mb and job.peak_mb > job.asked_mb)


def _held(job: JobFacts) -> str:
    return f"{job.peak_mb or 0:.0f} MB of the {job.asked_mb or 0:.0f} MB"


def _time(job: JobFacts) -> Iterator[Sign]:
    if job.state is JobState.TIMEOUT:
        yield Sign(Label.TIME_LIMIT, "The job ran into its time limit.", 0.97, Weight(43, _BY_STATE))
    elif job.state is JobState.FAILED and _at_limit(job):
        cause = f"The job was told to end after {job.elapsed_s} s, at its time limit of {job.limit_s} s."
        yield Sign(Label.TIME_LIMIT, cause, 0.9, Weight(41, "ended by a signal at its time limit"))
    elif job.state is JobState.FAILED and (step := _timed_out(job)):
        cause = f"Its step {step.name} ran into the time limit that srun had set for it."
        yield Sign(Label.TIME_LIMIT, cause, 0.85, Weight(38, "the scheduler says how the step ended"), step.text)


def _at_limit(job: JobFacts) -> bool:
    if not job.limit_s or job.elapsed_s is None:
        return False
    told = job.signal in _TOLD or (_code(job) or 0) - _SHELL in _TOLD
    return told and job.elapsed_s >= max(job.limit_s - _WARNED_S, job.limit_s / 2)


def _timed_out(job: JobFacts) -> Step | None:
    return next((step for step in _steps(job) if step.state is JobState.TIMEOUT), None)


def _node(job: JobFacts) -> Iterator[Sign]:
    word = job.state_text.split(" ")[0]
    where = f"Node {job.failed_node}" if job.failed_node else "The node"
    causes = {JobState.NODE_FAIL: f"{where} failed under the job.", JobState.PREEMPTED: _PREEMPTED}
    cause = {"BOOT_FAIL": f"{where} did not boot for the job.", "LAUNCH_FAILED": _NOT_LAUNCHED}.get(word)
    if cause := cause or causes.get(job.state):
        yield Sign(Label.NODE_FAILURE, cause, 0.96, Weight(44, _BY_STATE))


_PREEMPTED = "The job had to make way for another job."
_NOT_LAUNCHED = "SLURM could not start the job on its node."


def _cancelled(job: JobFacts) -> Iterator[Sign]:
    if job.state is JobState.CANCELLED:
        cause, sure = _who(job)
        yield Sign(Label.CANCELLED, cause, sure, Weight(36, _BY_STATE))


def _who(job: JobFacts) -> tuple[str, float]:
    if job.state_text.startswith("DEADLINE"):
        return "SLURM removed the job: it could not end by its deadline.", 0.95
    if job.reason == NEVER_SATISFIED:
        return "SLURM cancelled the job before it began: a job that it depends on has failed.", 0.95
    if job.cancelled_by and job.cancelled_by == job.user:
        return f"{job.user}, whose job it is, cancelled it.", 0.95
    if job.cancelled_by:
        office = " (an administrator, or SLURM itself)" if job.cancelled_by == "root" else ""
        return f"{job.cancelled_by}{office} cancelled the job" + (f" of {job.user}." if job.user else "."), 0.93
    return ("The job was cancelled before it began." if job.elapsed_s == 0 else "Somebody cancelled the job."), 0.9


def _output(job: JobFacts) -> Iterator[Sign]:
    if job.signal == NO_OUTPUT_FILE:
        cause = "SLURM could not open the file for the job's output: its folder does not exist or is not writable."
        yield Sign(Label.MISSING_INPUT, cause, 0.85, Weight(30, "SLURM's own signal 53"))


def _exit(job: JobFacts) -> Iterator[Sign]:
    hidden = silent(job)
    if hidden and not hidden.memory:
        cause = f"A suspected silent failure: {hidden.text}."
        yield Sign(Label.UNKNOWN, cause, SUSPECTED, Weight(11, "a step of it failed"), hidden.text)
    elif job.state is JobState.FAILED and job.signal and job.exit_code is None:
        yield from exit_sign(_SHELL + job.signal, f"signal {job.signal}")


def exit_sign(code: int, text: str) -> tuple[Sign, ...]:
    """What an exit code alone suggests; nothing for most."""
    if row := _EXITS.get(code):
        return (Sign(row[0], row[1], row[2], _EXIT_WEIGHT, text),)
    if maybe := _SYSEXITS.get(code):
        cause = f"By its exit code {code}, where the program keeps to sysexits(3), {maybe[1]}."
        return (Sign(maybe[0], cause, _MAYBE, _EXIT_WEIGHT, text),)
    return ()
