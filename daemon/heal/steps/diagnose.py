"""Names the root cause of one failed attempt, with the line or the fact that proves it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from heal.cases import Case, Citation
from heal.jobs import JobFacts, JobState
from heal.knowledge.books import NO_SCHEDULER, SPARE, from_facts, memory_of, state_of, suspected
from heal.knowledge.calibration import grounds, shipped_calibration
from heal.knowledge.clues import DECISIVE, Clue, from_hits, nobody, user_frame
from heal.knowledge.endings import SUSPECTED
from heal.knowledge.last_words import ends_well, gives_up, goes_on, said_at_the_end
from heal.knowledge.ledger import account
from heal.knowledge.likeness import normalised
from heal.knowledge.ownership import owned
from heal.knowledge.patterns import Library
from heal.knowledge.precedence import in_words
from heal.knowledge.reading import Model
from heal.knowledge.roles import Role, role
from heal.knowledge.sightings import from_findings, naming, said_better, weighed
from heal.knowledge.tracebacks import frames
from heal.records import Diagnosis, Label

# a kill without a word for its reason ranks at most this high; see patterns/memory/shell_killed
_KILL_RANK = 24
_CERTAIN = 0.99
_ENGINE_IS_WRONG = (
    "engine/snakemake_array",
    "filesystem/snakemake_late_output",
    "filesystem/nextflow_late_exit_code",
)
_CITED = 6
# lines from the end of a log: what stands there ended the job
_END = 15
_BY_ITS_BOOKS = Clue(None, "Nothing is wrong: the job ended well.", 0.9, (), Citation("", 0, ""), by="facts")
_UNSURE = 0.8
# these show themselves in different words each time, and are one failure all the same
_WORDLESS = frozenset({Label.OUT_OF_MEMORY, Label.TIME_LIMIT})


def diagnose(case: Case, library: Library, model: Model | None = None) -> Diagnosis:
    """The cause of the failure; label None where the evidence says that nothing failed.

    What stands nearer to the root wins over what follows from it, and of equals the first. A line that its
    own words call handled loses to one that does not. Without a decisive line or fact confidence stays below 0.9.
    Where nothing known says directly what is wrong, the words are read; ``model`` is heal's own unless told. Of a job
    whose end the scheduler's sides do not agree on, no log decides whether it failed.
    """
    if case.job and case.job.disagreement:
        return _contradicted(case.job)
    texts = from_hits(case, library)
    if well := _went_well(case, texts):
        return Diagnosis(None, well.cause, well.confidence, explanation=_calm(texts))
    clues, roots = roots_of(case, texts, model)
    if not roots:
        return _unknown(case, clues)
    best = roots[0]
    shown = _shown(best, roots)
    better = said_better(shown, case)
    # a line that only names the thing shows what was seen of it
    root = (naming(case, shown.seen) if shown.seen else None) or shown.citation
    return Diagnosis(
        label=best.label,
        cause=better.text if better else _cause(best, shown),
        confidence=min(_sure(best, roots), _doubt(case, shown)),
        root=root,
        citations=_citations(case, root, best, roots),
        pattern=shown.pattern,
        by=shown.by,
        explanation=_explanation(best, shown, roots) + _unsaid(case, root),
        ledger=account(best, shown, clues),
        advice=better.advice if better else "",
    )


def _contradicted(job: JobFacts) -> Diagnosis:
    proof = Citation(job.source, 0, job.disagreement)
    return Diagnosis(
        label=Label.UNKNOWN,
        cause=f"SLURM contradicts itself: {job.disagreement}. Whether the job went well is not known.",
        confidence=SUSPECTED,
        root=proof,
        citations=(proof,),
        by="facts",
        explanation="The controller and accounting do not agree on how the job ended.",
        advice="See whether its results are whole; where they are not, submit it again yourself.",
    )


def roots_of(case: Case, texts: Sequence[Clue], model: Model | None = None) -> tuple[list[Clue], list[Clue]]:
    """All that speaks for a cause, and of that the roots, the nearest first; ``texts``: what the hits speak for."""
    heard = weighed(owned([*texts, *from_facts(case)], case), case)
    known = _without_guesses(case, [*heard, *from_findings(case)])
    clues = [*known, *owned(in_words(case, known, model), case)]
    named = [clue for clue in clues if clue.label is not None]
    # where nothing but symptoms of a known failure show, they name it
    roots = [clue for clue in named if clue.root] or [clue for clue in named if clue.label is not Label.UNKNOWN]
    return clues, sorted(roots, key=attrgetter("nearness"))


def fingerprint(case: Case, diagnosis: Diagnosis) -> str:
    """The same for the same failure of the same process, whatever the sample, the host, the time or the numbers."""
    label = diagnosis.label or Label.UNKNOWN
    root = None if label in _WORDLESS else diagnosis.root
    line = normalised(root.text, case.names, _code(case, root)) if root else ""
    how = "" if label in _WORDLESS else _exit_class(case)
    parts = (case.engine, case.process, label.value, line, how)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _code(case: Case, root: Citation) -> str:
    """The lines of the user's own source that the traceback which ends in the root shows."""
    lines = next((one.numbered() for one in case.evidence if one.source == root.source), {})
    return "\n".join(lines.get(frame.number + 1, "") for frame in frames(lines, root.line) if frame.own)


def _exit_class(case: Case) -> str:
    code = case.exit_code if case.exit_code is not None else case.job.exit_code if case.job else None
    if code is None:
        return ""
    return "ok" if code == 0 else "signal" if code > 128 else "error"  # noqa: PLR2004  128+n is a signal to every shell


def _went_well(case: Case, texts: Sequence[Clue]) -> Clue | None:
    """What says that nothing failed, if anything does."""
    if suspected(case):
        return None
    state = state_of(case)
    code = case.exit_code if case.exit_code is not None else case.job.exit_code if case.job else None
    if code not in (0, None) or state not in (JobState.COMPLETED, JobState.UNKNOWN, JobState.RUNNING):
        return None
    good = _good(case, texts)
    last = max(good, key=attrgetter("order"), default=None)
    bad = [clue for clue in texts if clue.label is not None and not clue.handled]
    if code == 0 or state is JobState.COMPLETED:
        # the job is fine; what may still be missing is what the engine expected of it, or the engine is wrong
        missing = [clue for clue in bad if clue.label is Label.MISSING_OUTPUT or clue.pattern in _ENGINE_IS_WRONG]
        fine = not missing or (last and last.order > max(clue.order for clue in missing))
        return _BY_ITS_BOOKS if fine else None
    return _believed(case, good, bad)


def _believed(case: Case, good: Sequence[Clue], bad: Sequence[Clue]) -> Clue | None:
    """The word of success that counts where nobody told how the job ended.

    What an engine says is said of all that it ran. A script without ``set -e`` says that it is done whatever failed
    before, so its last words count only where nothing known, and nothing that gives up, stands anywhere.
    """
    decisive = [clue for clue in good if clue.rank >= DECISIVE]
    if last := max(decisive, key=attrgetter("order"), default=None):
        return last if all(clue.order < last.order for clue in bad if clue.order[0] == last.order[0]) else None
    last = max(good, key=attrgetter("order"), default=None)
    return None if bad or gives_up(case) else last


def _good(case: Case, texts: Sequence[Clue]) -> list[Clue]:
    """What says that all went well: an engine of all that it ran, or the end of a log where nobody says otherwise."""
    said = [clue for clue in texts if clue.label is None]
    decisive = [clue for clue in said if clue.rank >= DECISIVE]
    if case.process:
        # an engine has told that the task failed
        return decisive
    ends = [clue for clue in said if said_at_the_end(case.evidence[clue.order[0]], clue.citation.line)]
    return [*decisive, *ends, *ends_well(case)]


def _calm(texts: Sequence[Clue]) -> str:
    loud = sum(1 for clue in texts if clue.label not in (None, Label.UNKNOWN))
    return (
        f"It ended with success; {loud} alarming line(s) in its log did not stop it."
        if loud
        else "It ended with success."
    )


def _without_guesses(case: Case, clues: Sequence[Clue]) -> list[Clue]:
    """Takes back "killed, so memory" where the job's memory is known and was mostly free."""
    memory = memory_of(case)
    if not memory or memory.share >= SPARE or state_of(case) is JobState.OUT_OF_MEMORY:
        return list(clues)
    cause = f"The job was killed from outside; memory was not why: it held {memory.peak:.0f} of {memory.asked:.0f} MB."
    guess = [clue.label is Label.OUT_OF_MEMORY and clue.rank <= _KILL_RANK for clue in clues]
    return [
        replace(clue, label=Label.UNKNOWN, cause=cause, confidence=0.4) if doubted else clue
        for clue, doubted in zip(clues, guess, strict=True)
    ]


def _cause(best: Clue, shown: Clue) -> str:
    # what was seen says more than a reading of the words
    return best.cause if best.seen and shown.by == "words" else shown.cause


def _shown(best: Clue, roots: Sequence[Clue]) -> Clue:
    """The clue whose line is shown: where a fact decided, the line of a log that says the same."""
    if best.by != "facts":
        return best
    same = [clue for clue in roots if clue.label is best.label and clue.by != "facts"]
    return min(same, key=attrgetter("nearness")) if same else best


def _sure(best: Clue, roots: Sequence[Clue]) -> float:
    # that the cause is not known claims nothing
    return best.confidence if best.label is Label.UNKNOWN else shipped_calibration().sure(grounds(best, roots))


def _doubt(case: Case, shown: Clue) -> float:
    """The most that can be said where nobody knows that the job failed, and its log goes on after the line.

    Where the job's own exit code says that it went well, too little to act without a person.
    """
    if suspected(case):
        return SUSPECTED
    if case.exit_code is not None or case.job or state_of(case) is not JobState.UNKNOWN:
        return _CERTAIN
    evidence = next((one for one in case.evidence if one.source == shown.citation.source), None)
    last = max((number for number, line in evidence.numbered().items() if line.strip()), default=0) if evidence else 0
    return _CERTAIN if shown.citation.line > last - _END else _UNSURE


def _citations(case: Case, root: Citation, best: Clue, roots: Sequence[Clue]) -> tuple[Citation, ...]:
    cited = [root]
    evidence = next((one for one in case.evidence if one.source == root.source), None)
    if evidence and (frame := user_frame(evidence, root)):
        cited.append(frame)
    cited.append(best.citation)
    cited += [clue.citation for clue in sorted(roots, key=attrgetter("nearness")) if clue.label is best.label]
    return tuple(dict.fromkeys(cited))[:_CITED]


def _explanation(best: Clue, shown: Clue, roots: Sequence[Clue]) -> str:
    told = _told(best)
    if best is not shown:
        told += ", and a line of the log shows it"
    elif any(clue.label is best.label and (clue.by == "facts") != (best.by == "facts") for clue in roots):
        told += ", and facts and log agree"
    others = sorted({clue.label.value for clue in roots if clue.label not in (None, best.label, Label.UNKNOWN)})
    weighed = (
        f" Also seen, and taken for what follows from it or was dealt with: {', '.join(others)}." if others else ""
    )
    return f"{told}.{weighed}"


def _unsaid(case: Case, root: Citation) -> str:
    """That the log alone does not say that the job failed, where nobody else does and it goes on after the line."""
    known = case.process or case.job or case.exit_code is not None or state_of(case) is not JobState.UNKNOWN
    evidence = next((one for one in case.evidence if one.source == root.source), None)
    if known or evidence is None or not goes_on(evidence, root.line):
        return ""
    return " The log goes on after that line, and nobody told that the job failed: if it went well, nothing is wrong."


def _told(best: Clue) -> str:
    """Who says it."""
    if best.seen:
        return f"A look at {best.seen} says so"
    if best.by == "facts":
        return "The exit code says so" if best.citation.source == NO_SCHEDULER else "The scheduler's facts say so"
    return (
        "No pattern knows it: the line was read by its words" if best.by == "words" else f"The line fits {best.pattern}"
    )


def _unknown(case: Case, clues: Sequence[Clue]) -> Diagnosis:
    notes = [
        f"{one.source}: {note}" for one in case.evidence if role(one.source) is not Role.OTHER for note in one.notes
    ]
    why = "Nothing known stands in the evidence." if case.evidence else "There is no evidence."
    if notes:
        why += f" Could not be had in full: {'; '.join(notes[:_CITED])}."
    return replace(nobody(why), citations=tuple(clue.citation for clue in clues[:_CITED]))
