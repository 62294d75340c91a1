"""What a scheduler's books prove: the facts of a job, the rows of its accounting, the way a process ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from heal.cases import Case, Citation
from heal.jobs import JobFacts, JobState
from heal.knowledge.clues import Clue
from heal.knowledge.roles import Role, role
from heal.records import Label, Weight

# resident memory is sampled: close to what was asked for counts as all of it
FULL = 0.95
# and below this much of it, memory was hardly the reason
SPARE = 0.5
_KILL = 9
# SLURM's own number for "the file for the job's output cannot be opened"
NO_OUTPUT_FILE = 53
_UNITS = {"K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2}

_STATES: Mapping[JobState, tuple[Label, str, int, float]] = {
    JobState.OUT_OF_MEMORY: (Label.OUT_OF_MEMORY, "The job used more memory than it was given.", 40, 0.97),
    JobState.TIMEOUT: (Label.TIME_LIMIT, "The job ran into its time limit.", 43, 0.97),
    JobState.NODE_FAIL: (Label.NODE_FAILURE, "The node failed under the job.", 44, 0.96),
    JobState.PREEMPTED: (Label.NODE_FAILURE, "The job had to make way for another job.", 44, 0.96),
    JobState.CANCELLED: (Label.CANCELLED, "Somebody cancelled the job.", 36, 0.9),
}
_WORDS = {"DEADLINE": JobState.TIMEOUT, "BOOT_FAIL": JobState.NODE_FAIL}
# (label, cause, rank, confidence): what an exit code alone suggests, weaker than any line of a log
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
_EXIT_RANK = 11


@dataclass(frozen=True, slots=True)
class Memory:
    """The most a job held and what it asked for, in MB, with the row that says so."""

    peak: float
    asked: float
    killed: bool
    citation: Citation

    @property
    def share(self) -> float:
        """How much of what was asked for was used."""
        return self.peak / self.asked if self.asked else 0.0


def state_of(case: Case) -> JobState:
    """The state of the job in neutral words, UNKNOWN where nobody said."""
    if case.job and case.job.state is not JobState.UNKNOWN:
        return case.job.state
    word = (case.scheduler_state or "").split(" ")[0].rstrip("+").upper()
    return _WORDS.get(word) or next((state for state in JobState if state.value.upper() == word), JobState.UNKNOWN)


def from_facts(case: Case) -> tuple[Clue, ...]:
    """A clue for the state, for memory used up under a kill, and for the exit code."""
    clues: list[Clue] = []
    citation = _job_citation(case)
    if row := _STATES.get(state_of(case)):
        label, cause, rank, confidence = row
        clues.append(_clue(label, cause, confidence, Weight(rank, "the scheduler says how the job ended"), citation))
    memory = memory_of(case)
    if memory and memory.killed and memory.share >= FULL:
        cause = f"The job was killed holding {memory.peak:.0f} MB of the {memory.asked:.0f} MB it had asked for."
        why = Weight(40, "killed with its memory used up, as the accounting shows")
        clues.append(_clue(Label.OUT_OF_MEMORY, cause, 0.93, why, memory.citation))
    if NO_OUTPUT_FILE in (case.job.signal if case.job else None, _signal(case)):
        cause = "SLURM could not open the file for the job's output: its folder does not exist or is not writable."
        clues.append(_clue(Label.MISSING_INPUT, cause, 0.85, Weight(30, "SLURM's own signal 53"), citation))
    code = case.exit_code if case.exit_code is not None else case.job.exit_code if case.job else None
    if code is not None and code in _EXITS:
        label, cause, confidence = _EXITS[code]
        said = Citation(citation.source, 0, f"exit code {code}")
        clues.append(_clue(label, cause, confidence, Weight(_EXIT_RANK, "what such an exit code mostly means"), said))
    return tuple(clues)


def _clue(label: Label, cause: str, confidence: float, weight: Weight, citation: Citation) -> Clue:
    return Clue(label, cause, confidence, (weight,), citation, by="facts")


def memory_of(case: Case) -> Memory | None:
    """The job's memory, from its facts or from a table of the accounting among the evidence."""
    job = case.job
    if job and job.peak_mb and job.asked_mb:
        killed = job.signal == _KILL or job.exit_code == 128 + _KILL
        return Memory(job.peak_mb, job.asked_mb, killed, _job_citation(case))
    for source, row_number, rows in _tables(case):
        peaks = [(megabytes(row.get("MaxRSS", "")), at, row) for at, row in rows]
        asked = max((megabytes(row.get("ReqMem", "")) for _, row in rows), default=0.0)
        peak, at, row = max(peaks, key=lambda item: item[0], default=(0.0, row_number, {}))
        if peak and asked:
            killed = any(r.get("ExitCode", "").endswith(":9") or r.get("ExitCode") == "9:0" for _, r in rows)
            return Memory(peak, asked, killed, Citation(source, at, "|".join(row.values())))
    return None


def megabytes(text: str) -> float:
    """``322176K``, ``50M``, ``4Gn`` in MB; 0 where it is no amount."""
    got = re.match(r"([\d.]+)([KMGT])", text)
    return float(got[1]) * _UNITS[got[2]] if got else 0.0


def _tables(case: Case) -> Iterator[tuple[str, int, list[tuple[int, dict[str, str]]]]]:
    for evidence in case.evidence:
        lines = evidence.text.splitlines()
        if role(evidence.source, evidence.text) is Role.BOOKS and lines and "JobID" in lines[0] and "|" in lines[0]:
            names = lines[0].split("|")
            rows = [(at, dict(zip(names, line.split("|"), strict=False))) for at, line in enumerate(lines[1:], start=2)]
            yield evidence.source, 1, rows


def _signal(case: Case) -> int | None:
    for _, _, rows in _tables(case):
        for _, row in rows[:1]:
            code = row.get("ExitCode", "").partition(":")[2]
            return int(code) if code.isdigit() else None
    return None


def _job_citation(case: Case) -> Citation:
    if case.job is None:
        for source, _, rows in _tables(case):
            return Citation(source, rows[0][0], "|".join(rows[0][1].values())) if rows else Citation(source, 0, "")
        return Citation("scheduler" if case.scheduler_state else "exit code", 0, case.scheduler_state or "")
    return Citation(case.job.source or "scheduler", 0, _sentence(case.job))


def _sentence(job: JobFacts) -> str:
    text = job.state_text or job.state.value.upper()
    if job.exit_code is not None or job.signal is not None:
        text += f" {job.exit_code or 0}:{job.signal or 0}"
    if job.peak_mb is not None and job.asked_mb is not None:
        text += f", MaxRSS {job.peak_mb * 1024:.0f}K of {job.asked_mb * 1024:.0f}K asked"
    if job.state is JobState.TIMEOUT and job.limit_s is not None:
        text += f", limit {job.limit_s}s"
    return text
