"""One base, few classes; each message says what was tried, on what, and what to do next."""

from __future__ import annotations


class HealError(Exception):
    """Base of every error heal raises on purpose."""


class HomeUnusable(HealError):
    """heal's own folder cannot be made or written. Set HEAL_HOME to a folder of yours."""


class BadSettings(HealError):
    """heal.toml, the environment or a flag holds something heal does not know. Correct the line named."""


class BadPattern(HealError):
    """A pattern file does not follow the schema or its own examples. The pattern is skipped and named."""


class BadEvent(HealError):
    """A line in the spool is not an event. It is moved to ``bad/`` beside it."""


class StoreBroken(HealError):
    """The database cannot be read. A copy is kept beside it; nothing is deleted."""


class StoreTooNew(HealError):
    """The database was written by a newer heal. Upgrade heal, or point HEAL_HOME elsewhere."""


class NoSuchIncident(HealError):
    """No incident has that id, or several start with it."""


class NothingThere(HealError):
    """What was named for a diagnosis is no file, no folder, no job and no incident."""


class NotOneJob(HealError):
    """A job array of which no element failed, or several did: it is no one case. The message names the elements."""


class AlreadyRunning(HealError):
    """Another heal holds the lock; the message names its host and pid."""


class SchedulerUnreachable(HealError):
    """The scheduler did not answer. What it would have said is unknown; nothing is done on that account."""


class AskedEnough(SchedulerUnreachable):
    """The ceiling is reached: the scheduler was asked often enough this minute. Nothing was run."""


class SubmissionRefused(HealError):
    """The scheduler said no to a submission. Nothing was submitted."""


class SubmissionUncertain(HealError):
    """A submission neither succeeded nor failed in time. Look its token up before trying again."""


class NotNow(HealError):
    """What stands in the way passes by itself: call again with the same token. Nothing was done."""


class CannotApply(HealError):
    """An engine cannot carry out this fix on this run; nothing was done."""


class HookRefused(HealError):
    """A hook cannot be installed or removed as asked; nothing was changed. The message says what would do."""


class NoModel(HealError):
    """No coding model is configured for this, or what asks models is not installed (the extra ``models``)."""


class ModelsSilent(HealError):
    """Every model that may be asked failed, was too slow, or gave no whole answer. Nothing was changed; ask later."""


class ModelBudgetSpent(HealError):
    """The tokens or the money that heal.toml allows are spent. Raise [model_budget], or wait."""


class NotAllowedOut(HealError):
    """The model is on another host, and [privacy] keeps what is asked on this one. Nothing was sent."""


class NoRoom(HealError):
    """The model's window is too small for the rules and a failure. Nothing was asked; the message has the numbers."""


class BadChain(HealError):
    """A healing chain's file, or a prompt it names, cannot be used. The message names the place."""


class NoHistory(HealError):
    """The pipeline is in no git repository that heal can use; nothing is patched without history."""


class GitFailed(HealError):
    """git could not do what it was asked; the message holds its words. What had been begun was undone."""


class PatchConflict(HealError):
    """A patch does not fit the files as they are now. Nothing was changed; the message names the files."""


class PatchRefused(HealError):
    """A patch is not taken: what is wrong with it is in the message. Nothing was changed."""


class AlreadyThere(PatchRefused):
    """The files hold a patch's change already, by another hand. Nothing was changed."""


class NotReplayable(HealError):
    """A failed task cannot be run again in a folder of its own; the message says why. Nothing was run."""


class NoTest(HealError):
    """No regression test can be written for an incident, or not there; the message says why. Nothing was written."""
