"""How big a change is, what it is aimed at, and whether it takes back what a person did."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator

from heal.guard import first_lines, groovy_scripts
from heal.guard.facts import Facts, UserChange
from heal.guard.hiding import HIDING
from heal.guard.kinds import Language, language_of
from heal.guard.reading import Reading
from heal.guard.rules import ask, objection, refuse, table
from heal.patch import Objection

MOST_CHANGED = 60
_SMALL_FILE = 20
_REWRITTEN = 0.6
_SHORT_LINE = 4

SHAPE = table(
    refuse("shape.same", "the text is what stands there already"),
    refuse("shape.nothing", "only comments or blanks are changed, which changes nothing that runs"),
    refuse("shape.broken", "the file does not parse with this change"),
    refuse(
        "shape.language", "the first line of a script now names another program, or more options, than a mend would"
    ),
    ask("shape.unread", "the file could not be read before, and cannot be now, for the same reason"),
    ask("shape.big", f"more than {MOST_CHANGED} lines are changed"),
    ask("shape.rewrite", "most of the file is written anew"),
    refuse("shape.reverts", "it takes back what was edited and is not committed"),
    ask("shape.reverts_commit", "it takes back what was committed lately"),
    refuse("shape.names", "what tells the failed task from others is written into the code"),
)
_COMMENTS = {Language.GROOVY: ("//", "/*"), Language.OTHER: ("#", "//", "--", "%")}
_CODE = (Language.PYTHON, Language.SNAKEMAKE, Language.R, Language.GROOVY, Language.BASH, Language.OTHER, Language.RMD)


def of(path: str, before: str | None, after: str, facts: Facts, *, was: Reading, now: Reading) -> Iterator[Objection]:
    """What speaks against the change of one file as a change."""
    if before == after:
        yield objection(SHAPE["shape.same"], path)
        return
    if now.trouble and before is not None and _same(was.trouble, now.trouble):
        yield objection(SHAPE["shape.unread"], path, seen=now.trouble)
    elif now.trouble:
        yield objection(SHAPE["shape.broken"], path, seen=now.trouble)
    if before is None:
        return
    another = was.language not in (now.language, Language.OTHER) and was.language == language_of(path, "")
    if another or first_lines.unfit(path, before, after):
        yield objection(SHAPE["shape.language"], path, 1, after.split("\n", 1)[0])
    if now.language is Language.GROOVY:
        yield from _scripts(path, before, after)
    if (
        not was.trouble
        and not now.trouble
        and was.language == now.language
        and was.meaning == now.meaning
        and was.meaning is not None
        and first_lines.named(before) == first_lines.named(after)
    ):
        yield objection(SHAPE["shape.nothing"], path)
    yield from _size(path, before, after)
    yield from _commented(path, before, after, now.language)
    yield from _reverted(path, before, after, facts.changes)
    if now.language in _CODE:
        yield from _named(path, before, after, facts)


def _scripts(path: str, before: str, after: str) -> Iterator[Objection]:
    """The first lines of the scripts in a Nextflow file."""
    for was, now in groovy_scripts.changed(before, after):
        head = now.named[0]
        if first_lines.unfit_in_process(was.named if was else None, now.named):
            yield objection(SHAPE["shape.language"], path, now.starts, head or "none")
        elif was and first_lines.lenient(was.named, now.named):
            yield objection(HIDING["hide.strict_gone"], path, now.starts, head)


def _same(one: str, other: str) -> bool:
    """The same complaint, wherever it stands: a syntax newer than the Python that heal runs on, for one."""
    return re.sub(r"\d+", "", one) == re.sub(r"\d+", "", other)


def _size(path: str, before: str, after: str) -> Iterator[Objection]:
    old, new = before.replace("\r\n", "\n").split("\n"), after.replace("\r\n", "\n").split("\n")
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = sum(max(j - i, m - k) for kind, i, j, k, m in blocks if kind != "equal")
    if changed > MOST_CHANGED:
        yield objection(SHAPE["shape.big"], path, seen=f"{changed} lines")
    if len(old) > _SMALL_FILE and changed > _REWRITTEN * len(old):
        yield objection(SHAPE["shape.rewrite"], path, seen=f"{changed} of {len(old)} lines")


def _commented(path: str, before: str, after: str, language: Language) -> Iterator[Objection]:
    marks = _COMMENTS.get(language, ("#",))
    old, new = _lines(before), _lines(after)
    gone = old - new
    for number, raw in enumerate(after.split("\n"), start=1):
        line = raw.strip()
        body = line.lstrip("#/*-% \t").removesuffix("*/").strip()
        if (
            line.startswith(marks)
            and line not in old
            and len(body) > _SHORT_LINE
            and _bare(body) in {_bare(one) for one in gone}
        ):
            rule = "hide.commented_beside" if _code(new, marks) >= _code(old, marks) else "hide.commented_out"
            yield objection(HIDING[rule], path, number, body)


def _code(lines: Counter[str], marks: tuple[str, ...]) -> int:
    return sum(count for line, count in lines.items() if not line.startswith(marks))


def _bare(line: str) -> str:
    return re.sub(r"[\s\"'\\,]+", "", line)


def _lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if line.strip())


def _reverted(path: str, before: str, after: str, changes: tuple[UserChange, ...]) -> Iterator[Objection]:
    old, new = _lines(before), _lines(after)
    for change in changes:
        if change.path != path:
            continue
        came = [line.strip() for line in change.new if line.strip()]
        went = [line.strip() for line in change.old if line.strip()]
        gone = bool(came) and all(new[line] < old[line] for line in came)
        back = bool(went) and all(new[line] > old[line] for line in went)
        arrived = list(new - old)
        dropped = gone and not went and not any(difflib.get_close_matches(line, arrived) for line in came)
        if (gone and back) or dropped or (back and not came):
            rule = "shape.reverts_commit" if change.committed else "shape.reverts"
            yield objection(SHAPE[rule], path, seen=(came or went)[0])


def _named(path: str, before: str, after: str, facts: Facts) -> Iterator[Objection]:
    for name in sorted(name for name in facts.names if len(name) > 1):
        word = re.compile(rf"(?<![\w]){re.escape(name)}(?![\w])")
        if len(word.findall(after)) > len(word.findall(before)):
            at = next(number for number, line in enumerate(after.split("\n"), start=1) if word.search(line))
            yield objection(SHAPE["shape.names"], path, at, name)
