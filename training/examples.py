"""What there is to learn from, as lines with the one that is the cause: cases, examples of patterns, phrases."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from heal.cases import Case, Evidence, Passage
from heal.cli.desk import Desk
from heal.evidence.scan import Scanner
from heal.knowledge.candidates import Candidate, candidates
from heal.knowledge.likeness import normalised
from heal.knowledge.patterns import Library, Pattern, load

ROOT = Path(__file__).parent.parent
OWN = (ROOT / "tests" / "incidents", ROOT / "tests" / "healthy")
PHRASES = tuple(sorted((Path(__file__).parent / "phrases").glob("*.txt")))
ANSWER = "expected.json"
# what an example counts for, beside a real failure
_PHRASE, _MISS, _NOTHING, _WITHOUT_FACTS = 0.5, 0.3, 0.5, 0.5
# headings of phrases that name no cause: said because something failed, around it, or that it failed and not of what
_AFTER, _AROUND, _WORDLESS = "after", "none", "unknown"
# enough of the phrases to teach how a line stands among others; more surroundings that are made up make it worse
_STANDING = "general.txt"
# a log kept by a program may have lost the escape before a colour
_COLOURS = re.compile(r"\x1b?\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Example:
    """Lines and which of them are the cause; ``label`` None where none is. ``tools`` are whose words they are.

    ``lone``: it teaches what its line means, and not how that stands among others.
    """

    name: str
    tools: tuple[str, ...]
    label: str | None
    found: tuple[Candidate, ...]
    roots: tuple[int, ...] = ()
    acceptable: tuple[str, ...] = ()
    weight: float = 1.0
    case: bool = False
    lone: bool = False

    @property
    def shapes(self) -> frozenset[str]:
        """The lines that are the cause, without what changes from sample to sample."""
        return frozenset(normalised(self.found[at].citation.text) for at in self.roots)

    @property
    def told(self) -> bool:
        """True where a line names a cause."""
        return bool(self.label) and self.label != "unknown" and bool(self.roots)

    def bare(self) -> Example:
        """The same, where nobody knows how the job ended."""
        found = tuple(
            replace(one, around=tuple(trait for trait in one.around if not trait.startswith("f:")))
            for one in self.found
        )
        return replace(self, found=found, weight=self.weight * _WITHOUT_FACTS, case=False)


def library() -> Library:
    """The repository's own patterns, and no others."""
    return load([ROOT / "patterns"])


def everything(folders: Sequence[Path] = OWN) -> list[Example]:
    """All there is to learn from."""
    known = library()
    scanner = Scanner(known)
    of_cases = list(_cases(folders, Desk(known, scanner)))
    return [*of_cases, *_patterns(known, scanner), *_phrases()]


def root_lines(truth: Mapping[str, Any]) -> list[str]:
    """The lines that prove the cause: of a headline and its detail that both name it, either does."""
    return [one["text"] for one in proofs(truth)]


def proofs(truth: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The lines that prove the cause, each with the text it stands in; none where no line does."""
    root = truth.get("root") or []
    return root if isinstance(root, list) else [root]


def same(one: str, other: str) -> bool:
    """True for one line, however it is coloured, spaced or cut."""
    mine, theirs = (" ".join(_COLOURS.sub("", text).strip("… ").split()) for text in (one, other))
    return mine == theirs or (len(mine) > 100 and mine in theirs)  # noqa: PLR2004  a cut line is long


def _cases(folders: Iterable[Path], desk: Desk) -> Iterator[Example]:
    for path in sorted(path for folder in folders for path in folder.glob(f"*/{ANSWER}")):
        case = desk.case(str(path.parent))
        seen = replace(case, evidence=tuple(one for one in case.evidence if one.source != ANSWER))
        truth = json.loads(path.read_text(encoding="utf-8"))
        found, root = candidates(seen), root_lines(truth)
        roots = tuple(at for at, one in enumerate(found) if any(same(one.citation.text, text) for text in root))
        tool = truth.get("tool", "").lower() or path.parent.name
        # a cause that only the scheduler's books tell is not there to be read
        if not root or roots:
            other = tuple(truth.get("acceptable", ()))
            yield Example(path.parent.name, (tool,), truth["label"], found, roots, other, case=True)


def _patterns(known: Library, scanner: Scanner) -> Iterator[Example]:
    by_id = {pattern.id: pattern for pattern in known.patterns}
    for pattern in known.patterns:
        for hit in pattern.hits:
            yield _hit(pattern, candidates(Case("", (scanner.text("log.txt", hit),))))
        for miss in pattern.misses:
            evidence = scanner.text("log.txt", miss)
            # what another pattern takes for a failure is none of this one's, but no chatter either
            if not any(by_id[hit.pattern].label for hit in evidence.hits):
                found = candidates(Case("", (evidence,)))
                yield Example(pattern.id, pattern.tools, None, found, weight=_MISS)


def _hit(pattern: Pattern, found: tuple[Candidate, ...]) -> Example:
    roots = tuple(at for at, one in enumerate(found) if (got := pattern.find(one.citation.text)) and got.root)
    if not roots or pattern.label is None or pattern.label.value == "unknown":
        return Example(pattern.id, pattern.tools, None, found, weight=_NOTHING)
    return Example(pattern.id, pattern.tools, pattern.label.value, found, roots)


def _phrases() -> Iterator[Example]:
    rows = [(path, *row) for path in PHRASES for row in spoken(path.read_text(encoding="utf-8"))]
    after = [text for _path, label, _tool, text in rows if label == _AFTER]
    before = [text for _path, label, _tool, text in rows if label == _AROUND]
    for path, label, tool, text in rows:
        named = label not in (_AFTER, _AROUND, _WORDLESS)
        lines = _amid(text, before, after) if named else [text]
        found = candidates(Case("", (Evidence("log.txt", (Passage(1, "\n".join(lines)),), lines=len(lines)),)))
        roots = tuple(at for at, one in enumerate(found) if named and one.citation.text == text)
        lone = path.name != _STANDING
        yield Example(text, (tool,), label if roots else None, found, roots, weight=_PHRASE, lone=lone)


def _amid(text: str, before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The line among some of those that are said around one, always the same for the same line."""
    coin = int(hashlib.sha256(text.encode()).hexdigest()[:16], 16)
    first = [before[(coin >> shift) % len(before)] for shift in (3, 11, 19)][: coin % 4]
    last = [after[(coin >> shift) % len(after)] for shift in (5, 13)][: (coin >> 40) % 3]
    return [*first, text, *last]


def spoken(text: str) -> Iterator[tuple[str, str, str]]:
    """Label, program and line of each phrase."""
    label = ""
    for row in text.splitlines():
        if row.startswith("## "):
            label = row[3:]
        elif " | " in row and not row.startswith("#"):
            tool, _, said = row.partition(" | ")
            yield label, tool, said
