"""Whether a coding model is worth asking, and what its answer becomes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from heal.cases import Evidence, Finding
from heal.guard.globs import allowed_by
from heal.jobs import JobFacts
from heal.journal import Consulted, Decided
from heal.patch import Draft
from heal.records import Attempt, Change, Diagnosis, Fix, FixKind, Incident, Label, Run, Verdict
from heal.settings import Settings
from heal.steps.propose import Stop

# what a change of the pipeline's own files may heal; of the rest a model knows no more than a person with the advice
_IN_THE_FILES = frozenset(
    {
        Label.MISSING_DEPENDENCY,
        Label.VERSION_INCOMPATIBILITY,
        Label.ENVIRONMENT_SOLVE,
        Label.MISSING_INPUT,
        Label.MISSING_OUTPUT,
        Label.BAD_PARAMETER,
        Label.WORKFLOW_SYNTAX,
        Label.WORKFLOW_LOGIC,
        Label.SCRIPT_ERROR,
        Label.PERMISSION,
        Label.UNKNOWN,
    }
)
# so many patches for one incident, the later ones knowing what the earlier ones did not help
_MOST_PATCHES = 2
# and so many answers, however often a person changes something between them
_MOST_ANSWERS = 5


@dataclass(frozen=True, slots=True)
class Matter:
    """What a model is asked about: one incident, the run it is of, what failed, what is known, what did not help.

    ``attempts`` are those of its tasks that are still ill, the newest last; ``findings`` what was looked up about it.
    ``before`` are the patches that were put into the files and did not help.
    ``beside`` are the tries of tasks of the same run, the newest first; ``well_before``: when the newest one's task
    ended well last in an earlier run.
    """

    incident: Incident
    run: Run
    attempts: tuple[Attempt, ...]
    diagnosis: Diagnosis
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    jobs: Mapping[str, JobFacts] = field(default_factory=dict)
    before: tuple[Draft, ...] = ()
    beside: tuple[Attempt, ...] = ()
    well_before: datetime | None = None


class Consulting(Protocol):
    """Asks models beside what else goes on, and keeps what they propose in git."""

    def pending(self, incident: str) -> bool:
        """True while an answer about this incident is being made; ``ask`` has it once this is False."""

    def ask(self, matter: Matter, settings: Settings) -> Consulted | None:
        """The answer, given once; None while it is not there: ask again."""

    def wait(self) -> bool:
        """Wait for all that is being thought about; False where nothing is."""

    def close(self) -> None:
        """Nothing is asked any more; what is being thought about ends soon, and is asked again by the next heal."""

    def land(self, draft: Draft, token: str) -> str:
        """Put a patch into the user's own files, once for a token; what was done, in words.

        Raises ``PatchConflict``, ``PatchRefused`` or ``NoHistory``: nothing was changed, nor will be.
        """

    def fits(self, draft: Draft) -> bool:
        """True while the files that a patch touches are still what it was made from, and tried on."""

    def withdraw(self, draft: Draft, why: str) -> None:
        """Take back a patch that nobody wants; it is kept as a file that says why. One that is gone stays gone."""


def worth_asking(
    found: Fix | Stop,
    diagnosis: Diagnosis,
    attempts: Sequence[Attempt],
    before: Sequence[Consulted],
    rules: Settings,
    *,
    changed: bool = False,
) -> bool:
    """True where rules end, a change of files may help, and models are there and may be asked.

    ``changed``: something was done about it since they were asked last.
    """
    if not rules.model or rules.policy.patch is Verdict.REFUSE or diagnosis.label not in _IN_THE_FILES:
        return False
    if isinstance(found, Fix) and found.kind is not FixKind.ADVICE:
        return False
    # the scheduler's own advice is about the cluster
    told = (bool(diagnosis.advice) and diagnosis.by == "facts") or any(
        "advice" in attempt.facts for attempt in attempts
    )
    drafted = sum(one.draft is not None for one in before)
    new = changed and len(before) < _MOST_ANSWERS
    return not told and drafted < _MOST_PATCHES and (not before or before[-1].later or bool(before[-1].draft) or new)


def fix_of(answer: Consulted, found: Fix | Stop, process: str) -> Fix:
    """The patch as a fix; where there is none, the advice there was, with what the models say."""
    draft = answer.draft
    if draft is not None:
        changes = (Change("patch", None, draft.patch_id), Change("files", None, ", ".join(draft.files)))
        return Fix(FixKind.PATCH, process, changes, draft.subject)
    return Fix(FixKind.ADVICE, process, (), f"{found.why}; {answer.why}")


def decide_patch(decided: Decided, answer: Consulted, rules: Settings) -> Decided:
    """What is asked of a patch beyond what is asked of any fix: it acts by itself only where it is proven and small."""
    if decided.verdict is not Verdict.AUTO or answer.draft is None:
        return decided
    outside = [path for path in answer.draft.files if not allowed_by(path, rules.patches.auto)]
    replayed = any(trial.name == "replay" and trial.passed for trial in answer.trials)
    # what no parser here can read was run by the replay
    open_ = next((trial for trial in answer.trials if not trial.passed and trial.name != "parses"), None)
    doubts = (
        (not replayed, "the failed task was not run again with it"),
        (open_ is not None, f"{open_.name}: {open_.said}" if open_ else ""),
        (not answer.sure, "the second look was not sure of it"),
        (bool(answer.objections), next((one.why for one in answer.objections), "")),
        (bool(outside), f"patches.auto does not name {', '.join(outside)}"),
    )
    why = next((text for doubt, text in doubts if doubt), None)
    return Decided(Verdict.ASK, why) if why else Decided(Verdict.AUTO, "it replayed well, and patches.auto names it")
