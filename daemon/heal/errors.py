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


class AlreadyRunning(HealError):
    """Another heal holds the lock; the message names its host and pid."""


class SchedulerUnreachable(HealError):
    """The scheduler did not answer. What it would have said is unknown; nothing is done on that account."""


class SubmissionRefused(HealError):
    """The scheduler said no to a submission. Nothing was submitted."""


class SubmissionUncertain(HealError):
    """A submission neither succeeded nor failed in time. Look its token up before trying again."""


class NotNow(HealError):
    """What stands in the way passes by itself: call again with the same token. Nothing was done."""


class CannotApply(HealError):
    """An engine cannot carry out this fix on this run; nothing was done."""
