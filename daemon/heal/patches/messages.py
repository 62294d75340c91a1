"""What a commit of heal's says: a subject, why, and trailers; and what such a message said. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

Trailers = Sequence[tuple[str, str]]

_SUBJECT = 100
_TRAILER = re.compile(r"([A-Za-z][A-Za-z-]*): (.*)")
# where git am would take the patch to begin, or the next mail
_PATCH_BEGINS = re.compile(r"^(?=---|diff -|Index: |From )", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def line(text: str) -> str:
    """Any text as one line without control signs."""
    return " ".join(_CONTROL.sub(" ", text).split())


def message(subject: str, why: str, trailers: Trailers) -> str:
    """The whole message. What ``why`` says can neither pass for a trailer nor for the begin of a patch."""
    body = _PATCH_BEGINS.sub(" ", _CONTROL.sub("", why.replace("\r\n", "\n")).strip())
    said = "\n".join(f"{line(name)}: {line(value)}" for name, value in trailers)
    return "\n\n".join(part for part in (line(subject)[:_SUBJECT] or "Change", body, said) if part) + "\n"


def parsed(text: str) -> tuple[str, str, dict[str, str]]:
    """Subject, why and trailers of a message. Only a last paragraph of nothing but trailers counts as such."""
    subject, _, rest = text.strip("\n").partition("\n\n")
    before, gap, last = rest.rpartition("\n\n")
    found = [_TRAILER.fullmatch(each) for each in last.split("\n")]
    if not all(found):
        return subject, rest, {}
    return subject, before if gap else "", {one[1]: one[2] for one in found if one}
