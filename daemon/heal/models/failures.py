"""Why a model gave no whole answer; it never leaves this package: people see the errors of ``heal.errors``."""

from __future__ import annotations

# the verdict on a call that whoever asked, or a person with Ctrl-C, wants no answer of any longer
CANCELLED = "it was cancelled"


class Failure(Exception):
    """One call that gave no whole answer. ``reason`` goes into the ledger and to people.

    ``again``: the same may work in a moment, after ``after`` seconds where the server said so. ``trouble``: it speaks
    against the server's health. ``unused``: the server did no work for it. ``status`` is the HTTP status of a server
    that refused. ``loops``: the model wrote blanks, or the same, over and over: what a grammar can hold it in.
    """

    def __init__(
        self,
        reason: str,
        *,
        again: bool = False,
        after: float | None = None,
        trouble: bool = False,
        unused: bool = False,
        status: int | None = None,
        loops: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.after = after
        self.trouble = trouble
        self.unused = unused
        self.status = status
        self.loops = loops


class Stopped(Failure):
    """Whoever asked wants no answer any longer."""

    def __init__(self) -> None:
        super().__init__(CANCELLED)


class Unfit(Failure):
    """A whole answer that is not the JSON asked for. ``text`` is the answer, ``wrong`` what is wrong with it.

    ``kept_to``: it has the form all the same, and breaks a rule that servers do not see to.
    """

    def __init__(self, text: str, wrong: str, *, kept_to: bool = False) -> None:
        super().__init__(f"it gave no JSON of the form asked for: {wrong}")
        self.text = text
        self.wrong = wrong
        self.kept_to = kept_to
