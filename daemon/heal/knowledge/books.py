"""What a scheduler's books prove: the facts of a job, the rows of its accounting, the way a process ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from heal.cases import Case, Citation
from heal.jobs import JobFacts, JobState
from heal.knowledge.clues import Clue
from heal.knowledge.endings import FULL, Sign, exit_sign, signs, silent
from heal.knowledge.roles import Role, role
from heal.records import Label, Weight

# what is cited where nobody but the task itself tells how it ended
NO_SCHEDULER = "exit code"
# below this much of what was asked for, memory was hardly the reason
SPARE = 0.5
_KILL = 9
_UNITS = {"K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2}
_WORDS = {"DEADLINE": JobState.CANCELLED, "BOOT_FAIL": JobState.NODE_FAIL}


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
    """A clue for each thing that the books prove: state, steps, memory under a kill, limits, exit code."""
    citation = _job_citation(case)
    job = case.job or _told(case)
    clues = [_clue(sign, citation) for sign in signs(job)]
    memory = None if case.job else memory_of(case)
    if memory and memory.killed and memory.share >= FULL:
        cause = f"The job was killed holding {memory.peak:.0f} MB of the {memory.asked:.0f} MB it had asked for."
        why = Weight(40, "killed with its memory used up, as the accounting shows")
        clues.append(_clue(Sign(Label.OUT_OF_MEMORY, cause, 0.93, why), memory.citation))
    code = case.exit_code if case.exit_code is not None else case.job.exit_code if case.job else None
    if code is not None:
        clues += [_clue(sign, citation) for sign in exit_sign(code, f"exit code {code}")]
    return tuple(clues)


def _told(case: Case) -> JobFacts:
    """The job as its state alone tells it, such as ``CANCELLED by 1001``."""
    text = case.scheduler_state or ""
    by = re.fullmatch(r"CANCELLED by (\w+)", text)
    who = {"0": "root"}.get(by[1], f"User {by[1]}" if by[1].isdigit() else by[1]) if by else None
    return JobFacts("", state_of(case), text, signal=_signal(case), cancelled_by=who)


def suspected(case: Case) -> bool:
    """True where the job went well by its own exit code, and its books say that something in it did not."""
    return case.job is not None and silent(case.job) is not None


def _clue(sign: Sign, citation: Citation) -> Clue:
    said = Citation(citation.source, 0, sign.text) if sign.text else citation
    return Clue(sign.label, sign.cause, sign.sure, (sign.weight,), said, by="facts")


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
        return Citation("scheduler" if case.scheduler_state else NO_SCHEDULER, 0, case.scheduler_state or "")
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
