"""The texts as texts: characters that hide something, a broken-off answer, another encoding, nothing changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from heal.guard.kinds import Language, language_of
from heal.guard.rules import Rule, ask, objection, refuse, table
from heal.patch import Objection

MOST_CHARACTERS = 1 << 18
MOST_LINE = 1000
LONGEST_LINE = 5000
_DEEPEST = 100
_MOST_SUBSTITUTIONS = 1000

MARKS = table(
    refuse(
        "text.invisible",
        "there is a character that cannot be seen, or turns the reading direction, which was not there",
    ),
    refuse("text.look_alike", "there is a word with letters of another script that look like ours"),
    refuse("text.encoding", "the file declares another encoding than before"),
    refuse("text.line_ends", "the line ends or the byte order mark of the file are changed"),
    ask("text.line_ends_unix", "the line ends of the file are changed to those of Unix"),
    refuse("text.placeholder", "part of the file was left out and stands there as a remark"),
    refuse("text.cut_off", "the file ends in the middle"),
    refuse("text.fence", "the text holds what belongs to an answer, not to a file"),
    refuse("text.merge", "there are marks of an unfinished merge"),
    refuse("text.too_big", "the text is larger than anything a person would read"),
    refuse("text.tangled", "the text is nested deeper, or in longer lines, than anybody writes or can read"),
    ask("text.long_line", f"there is a line of more than {MOST_LINE} characters that was not there"),
    ask("text.blob", "there is a long run of encoded text that was not there"),
    refuse("text.emptied", "the file would be left empty"),
)

_HIDING = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
_PLAIN = frozenset("\t\n\r")
_GREEK_ALIKE = frozenset(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03b9\u03f2\u03f3"
)
_WORD = re.compile(r"[^\W\d_]{1,80}", re.UNICODE)
_PLACEHOLDER = re.compile(
    r"(?im)^\W*(?:\.{3}|…)?\s*\(?(?:the )?(?:rest|remainder|remaining|existing|other|previous"
    r"|same)\b[^\n]{0,40}"
    r"\b(?:unchanged|code|file|lines|as before|here|above|stays?|remains?)\b[^\n]{0,20}$"
    r"|^\W*(?:\.{3}|…)\s*(?:\(?(?:unchanged|omitted|truncated|snip|etc)\b[^\n]*)?(?:\.{3}|…)\s*$"
    r"|^\W*(?:#|//)\s*(?:\.{3}|…)[^\n]*$|\[(?:rest|truncated|omitted|snip)[^\]\n]{0,40}\]"
    r"|^\W*(?:unchanged|snip|omitted)(?: (?:code|lines|part))?\W*$"
)
_FENCE = re.compile(
    r"(?m)^\s*(?:```|~~~)|</?(?:think|assistant|system|user|file|edit|patch)>|<\|[a-z_]+\|>|^(?:@@ -\d|diff --git )"
)
_SUBSTITUTION = re.compile(r"\$[({]|<<|`")
_MERGE = re.compile(r"(?m)^(?:<{7} |={7}$|>{7} |\|{7} )")
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLOB = re.compile(r"[A-Za-z0-9+/=]{120,}|(?:\\x[0-9a-fA-F]{2}){12,}|(?:[0-9a-fA-F]{2}){60,}|(?:\\u[0-9a-fA-F]{4}){8,}")


def of(path: str, before: str | None, after: str) -> Iterator[Objection]:
    """What speaks against the text of one file as such."""
    old = before or ""
    if _tangled(old, after):
        yield objection(MARKS["text.tangled"], path)
    if len(after) > MOST_CHARACTERS:
        yield objection(MARKS["text.too_big"], path)
        return
    if old.strip() and not after.strip():
        yield objection(MARKS["text.emptied"], path)
    yield from (objection(rule, path, line, seen) for rule, line, seen in _lines(path, old, after))
    if _cookie(after) not in {_cookie(old), "utf-8", "utf8"}:
        yield objection(MARKS["text.encoding"], path, 1, _cookie(after))
    if before is not None and _ends(before) != _ends(after):
        unix = before.replace("\r\n", "\n").removeprefix("\ufeff") == after.replace("\r\n", "\n") or _ends(after) == (
            False,
            False,
        )
        yield objection(MARKS["text.line_ends_unix" if unix else "text.line_ends"], path)
    elif "\r" in re.sub(r"\r\n", "", after) and "\r" not in re.sub(r"\r\n", "", old):
        yield objection(MARKS["text.line_ends"], path)
    if after and old.endswith("\n") and not after.endswith("\n") and _stops(old, after):
        yield objection(MARKS["text.cut_off"], path, after.count("\n") + 1, after.rsplit("\n", maxsplit=1)[-1])


def readable(before: str | None, after: str) -> bool:
    """False for a text that would cost too much to read; ``of`` refuses it."""
    return len(after) <= MOST_CHARACTERS and not _tangled(before or "", after)


def _tangled(old: str, after: str) -> bool:
    known = set(old.split("\n"))
    if any(len(line) > LONGEST_LINE and line not in known for line in after.split("\n")):
        return True
    deep = _depth(after)
    many = len(_SUBSTITUTION.findall(after))
    return (deep > _DEEPEST and deep > _depth(old)) or (
        many > _MOST_SUBSTITUTIONS and many > len(_SUBSTITUTION.findall(old))
    )


def _depth(text: str) -> int:
    """How deep brackets are nested, strings and all."""
    depth = deepest = 0
    for mark in re.findall(r"[(\[{}\])]", text):
        depth = depth + 1 if mark in "([{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _lines(path: str, old: str, after: str) -> Iterator[tuple[Rule, int, str]]:
    known = set(old.split("\n"))
    markdown = language_of(path, after) in {Language.RMD, Language.OTHER} and path.lower().endswith(("md", "qmd"))
    for number, line in enumerate(after.split("\n"), start=1):
        if line in known:
            continue
        if any(unicodedata.category(one) in _HIDING and one not in _PLAIN and one not in old for one in line):
            yield MARKS["text.invisible"], number, ascii(line)
        if word := next((word for word in _WORD.findall(line) if _alike(word)), None):
            yield MARKS["text.look_alike"], number, word
        if found := _PLACEHOLDER.search(line):
            yield MARKS["text.placeholder"], number, found[0]
        if not markdown and (found := _FENCE.search(line)):
            yield MARKS["text.fence"], number, found[0]
        if _MERGE.search(line):
            yield MARKS["text.merge"], number, line
        if len(line) > MOST_LINE:
            yield MARKS["text.long_line"], number, ""
        if _BLOB.search(line):
            yield MARKS["text.blob"], number, line.strip()


def _alike(word: str) -> bool:
    """Letters that are written as ours but are not: other scripts among ours, and forms that fold into ours."""
    foreign = [one for one in word if ord(one) > 127]  # noqa: PLR2004 - the end of ASCII
    if any(
        unicodedata.normalize("NFKC", one).isascii() and unicodedata.normalize("NFKC", one).isalpha() for one in foreign
    ):
        return True
    scripts = [unicodedata.name(one, "").split(" ")[0] for one in foreign]
    if any(one in _GREEK_ALIKE for one in foreign):
        return True
    # a word of one script in a comment is somebody's language; ours with another's among it is a disguise
    return len(foreign) < len(word) and any(
        script in {"CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"} for script in scripts
    )


def _cookie(text: str) -> str:
    """The encoding that a Python file declares in its first two lines."""
    return next((got[1].lower() for line in text.split("\n")[:2] if (got := _COOKIE.match(line))), "utf-8")


def _ends(text: str) -> tuple[bool, bool]:
    return text.startswith("\ufeff"), text.count("\r\n") * 2 > text.count("\n")


def _stops(old: str, after: str) -> bool:
    """A text that lost its last line's end and stops within what was there before."""
    last = after.rsplit("\n", maxsplit=1)[-1]
    return not any(line == last for line in old.split("\n")) or after in old
