"""Where patterns are tried: against their own examples, a log, and what the store remembers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from heal.errors import BadPattern
from heal.journal import Diagnosed, Observed
from heal.knowledge.literals import costly
from heal.knowledge.pattern_files import check, parse, refused
from heal.records import Fix, Label

_PAGE = 500
# enough to see what a regex does; a store can hold years
_MOST_INCIDENTS = 2000
# from here on heal acts on a reading
_SURE_ENOUGH = 0.6


def trouble_with(file: Path) -> list[str]:
    """What is wrong with a pattern file; its examples are run through the real scanner."""
    from heal.cli.learning import refused_for
    from heal.evidence.scan import Scanner
    from heal.knowledge.patterns import only

    try:
        row = check(parse(file.read_bytes()), "/".join(file.with_suffix("").parts[-2:]))
    except OSError as error:
        return [f"cannot be read: {error.strerror}"]
    except BadPattern as error:
        return [str(error)]
    if why := refused([row]).get(0):
        return [why]
    scanner = Scanner(only(row))
    hits = [[hit.line for hit in scanner.text("example", text).hits] for text in row["hits"]]
    troubles = [f"hits: is not found: {text!r}" for text, lines in zip(row["hits"], hits, strict=True) if not lines]
    troubles += [f"misses: is found: {text!r}" for text in row["misses"] if scanner.text("example", text).hits]
    troubles += [why for match in row["match"] if (why := costly(match["regex"]))]
    if not any(line > 1 for lines in hits for line in lines):
        troubles.append("hits: in at least one the line must not be the first")
    return troubles + (refused_for(row) if row.get("learnt") else [])


def found_in(file: Path) -> Iterator[str]:
    """Which patterns find what in a log."""
    from heal.cli.desk import desk

    evidence = desk().scanner.read(file)
    for hit in sorted(evidence.hits, key=lambda hit: hit.line):
        yield f"{file}:{hit.line}  {hit.pattern}  {hit.text.strip()[:160]}"
    for note in evidence.notes:
        yield f"{file}: {note}"
    if not evidence.hits:
        yield f"{file}: no pattern finds anything"


def counted() -> list[dict[str, Any]]:
    """By pattern: incidents it named the cause of, the outcomes of the remedies on them, and why it may only ask.

    The busiest first.
    """
    from heal.cli.shapes import diagnosis_of

    named: Counter[str] = Counter()
    outcomes: dict[str, Counter[str]] = {}
    known = list(_incidents())
    for _one, bodies in known:
        found = diagnosis_of(bodies)
        if found and found.pattern:
            named[found.pattern] += 1
            came = outcomes.setdefault(found.pattern, Counter())
            came.update(body.outcome.value for body in bodies if isinstance(body, Observed))
    return [
        {
            "pattern": pattern,
            "incidents": count,
            "outcomes": dict(outcomes[pattern]),
            "only_asks": _only_asks(pattern, known) or None,
        }
        for pattern, count in named.most_common()
    ]


def _only_asks(name: str, known: Sequence[tuple[Any, tuple[Any, ...]]]) -> str:
    from heal.cli.desk import desk
    from heal.knowledge.learnt import came, only_asks

    pattern = desk().library.get(name)
    if pattern is None:
        return ""
    record = [found for one, bodies in known if (found := came(name, one.id, one.opened, bodies))]
    return only_asks(pattern, record, datetime.now(UTC))


def begun(line: str, label: Label, fix: Fix | None) -> str:
    """The file of a new pattern. Raises BadPattern where what went well here says the same."""
    from heal.cli.learning import as_fix, refused_for
    from heal.knowledge.drafts import draft
    from heal.knowledge.pattern_texts import dump

    row = draft(line, label, datetime.now(UTC).date().isoformat(), as_fix(fix) if fix else None)
    text = dump(row)
    if troubles := refused_for(check(row, str(row["id"]))):
        raise BadPattern("nothing is begun: " + "; ".join(troubles[:3]))
    return text


def sounds_like(line: str) -> tuple[Label, float | None]:
    """What the general reading takes a line for, and how sure it is; unknown where heal would not act on it."""
    from heal.cases import Case, Evidence, Passage
    from heal.knowledge.reading import read

    alone = Evidence("line", (Passage(1, line.strip("\n")),), lines=1)
    for clue in read(Case("", (alone,), exit_code=1), least=_SURE_ENOUGH):
        return clue.label or Label.UNKNOWN, clue.confidence
    return Label.UNKNOWN, None


def also_found(regex: str) -> list[str]:
    """The lines of stored evidence that the regex finds, each once."""
    from heal.knowledge.patterns import compiled

    look = compiled(regex).search
    lines: dict[str, None] = {}
    for one, bodies in _incidents(whole=True):
        for body in bodies:
            if isinstance(body, Diagnosed):
                texts = (line for evidence in body.evidence for line in evidence.text.split("\n"))
                lines |= {f"{one.id}  {line.strip()[:160]}": None for line in texts if look(line)}
    return list(lines)


def _incidents(*, whole: bool = False) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The newest incidents with their journals; ``whole``: with the evidence of their diagnoses."""
    from heal.home import places
    from heal.store import Store

    database = places.database(places.home_folder())
    if not database.exists():
        return
    with Store.open(database, read_only=True) as store:
        for offset in range(0, _MOST_INCIDENTS, _PAGE):
            page = store.newest(_PAGE, offset)
            for one, bodies in page:
                yield one, tuple(entry.body for entry in store.journal(one.id)) if whole else bodies
            if len(page) < _PAGE:
                return
