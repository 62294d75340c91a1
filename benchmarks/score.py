"""How right the diagnosis is, on folders of labelled cases: ``python -m benchmarks.score [FOLDER…] [--show]``.

A case is a folder of evidence with an ``expected.json``: ``label`` (null where nothing failed), ``acceptable`` other
labels, ``root`` (source, line, text; a list where a headline and its detail both name the cause), ``tool``; of a
success ``survived``, the lines that tell of trouble which it got over. The diagnosis never sees that file. Without
folders the repository's own cases are taken.

*Leave one tool out*: each case is judged by a heal that knows nothing of that case's tool: no pattern of its own words,
and no case of it among those the general reading was trained on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from training.examples import root_lines, same
from training.words import without_tool

from heal.cases import Case, Citation
from heal.cli.desk import Desk, desk
from heal.knowledge.patterns import Library
from heal.knowledge.reading import Model
from heal.records import Diagnosis
from heal.steps.diagnose import diagnose

ROOT = Path(__file__).parent.parent
OWN = (ROOT / "tests" / "incidents", ROOT / "tests" / "healthy")
ANSWER = "expected.json"
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)


@dataclass(frozen=True, slots=True)
class Answer:
    """What heal said of a case, beside what is true of it."""

    name: str
    truth: dict[str, Any]
    case: Case
    found: Diagnosis

    @property
    def label(self) -> str | None:
        """The label heal gave."""
        return self.found.label.value if self.found.label else None

    @property
    def failed(self) -> bool:
        """True where there is something to find."""
        return self.truth["label"] is not None

    @property
    def right(self) -> bool:
        """True where the label is the right one or one that an expert would accept as well."""
        return self.label == self.truth["label"] or self.label in self.truth.get("acceptable", ())

    @property
    def root(self) -> bool | None:
        """Whether the line cited is the one that proves it; None where no line does."""
        wanted = root_lines(self.truth)
        if not wanted:
            return None
        return self.found.root is not None and self.cites(self.found.root)

    def cites(self, citation: Citation) -> bool:
        """True where it is one of the lines that prove the cause."""
        return any(same(citation.text, text) for text in root_lines(self.truth))

    @property
    def wrong(self) -> str | None:
        """What is wrong with it: the label, the root line, or nothing."""
        return None if self.right and self.root is not False else "root" if self.right else "label"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", type=Path, default=list(OWN))
    parser.add_argument("--show", action="store_true", help="print each case that is not right")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only the tools of one half, drawn by a fixed coin")
    args = parser.parse_args()
    at = desk()
    answers = [answer for answer in judged(at, args.folders) if args.half in (None, half(answer.truth.get("tool", "")))]
    failures, healthy = [a for a in answers if a.failed], [a for a in answers if not a.failed]
    if args.show:
        shown(answers)
    by_label(failures)
    confusion(answers)
    reliability(answers)
    summary(failures, healthy, list(left_out(answers, at.library)))
    of_bare_logs(list(untold(answers, at.library)))


def half(tool: str) -> int:
    return int(hashlib.md5(tool.encode()).hexdigest(), 16) % 2  # noqa: S324  a coin, not a secret


def judged(at: Desk, folders: Iterable[Path]) -> Iterator[Answer]:
    """Every case below the folders, with heal's answer."""
    for folder in folders:
        for path in sorted(folder.glob(f"*/{ANSWER}")):
            case = at.case(str(path.parent))
            seen = replace(case, evidence=tuple(one for one in case.evidence if one.source != ANSWER))
            truth = json.loads(path.read_text(encoding="utf-8"))
            yield Answer(path.parent.name, truth, seen, diagnose(seen, at.library))


def left_out(answers: Sequence[Answer], library: Library) -> Iterator[Answer]:
    """The failures again, each judged without what heal knows of its tool."""
    models: dict[int, Model] = {}
    for answer in answers:
        if answer.failed:
            tool = answer.truth.get("tool", "").lower()
            known = tuple(pattern for pattern in library.patterns if tool not in pattern.tools)
            model = without_tool(tool or answer.name, models)
            yield replace(answer, found=diagnose(answer.case, replace(library, patterns=known), model))


def untold(answers: Iterable[Answer], library: Library) -> Iterator[Answer]:
    """The cases again as bare logs: nobody tells how the job ended."""
    for answer in answers:
        bare = replace(answer.case, exit_code=None, scheduler_state=None, job=None)
        yield replace(answer, case=bare, found=diagnose(bare, library))


def of_bare_logs(answers: Sequence[Answer]) -> None:
    failures, healthy = [a for a in answers if a.failed], [a for a in answers if not a.failed]
    print("\nas bare logs, of which nobody tells how the job ended")
    print(f"label right                {share([a.right for a in failures])}")
    print(f"a failure called fine      {share([a.label is None for a in failures])}")
    print(f"a success called fine      {share([a.label is None for a in healthy])}")
    print(f"a cause named for one      {share([a.label not in (None, 'unknown') for a in healthy])}")


def share(of: Sequence[bool]) -> str:
    return f"{100 * sum(of) / len(of):.1f} % ({sum(of)}/{len(of)})" if of else "none"


def by_label(failures: Sequence[Answer]) -> None:
    print(f"{'label':26} {'cases':>5} {'precision':>9} {'recall':>7} {'root line':>9}")
    said = Counter(answer.label for answer in failures)
    groups: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in failures:
        groups[answer.truth["label"]].append(answer)
    for label, group in sorted(groups.items()):
        right = sum(a.label == label and a.right for a in failures)
        roots = [a.root for a in group if a.root is not None]
        precision = f"{right / said[label]:.2f}" if said[label] else "-"
        recall = sum(a.right for a in group) / len(group)
        root = f"{sum(roots) / len(roots):.2f}" if roots else "-"
        print(f"{label:26} {len(group):>5} {precision:>9} {recall:>7.2f} {root:>9}")


def confusion(answers: Sequence[Answer]) -> None:
    wrong = Counter(
        (a.truth["label"] or "(nothing wrong)", a.label or "(nothing wrong)") for a in answers if not a.right
    )
    print("\nconfused: wanted → got" if wrong else "\nnothing confused")
    for (wanted, got), count in wrong.most_common():
        print(f"  {count:>3}  {wanted} → {got}")


def reliability(answers: Sequence[Answer]) -> None:
    """How often heal is right where it says how sure it is; 'unknown' and 'nothing wrong' make no claim."""
    print(f"\n{'said':>12} {'cases':>6} {'right':>6}")
    claims = [a for a in answers if a.label not in (None, "unknown")]
    for low, high in pairwise(BINS):
        there = [a.right for a in claims if low <= a.found.confidence < high]
        if there:
            print(f"{low:.2f} to {min(high, 1):.2f} {len(there):>6} {sum(there) / len(there):>6.2f}")


def summary(failures: Sequence[Answer], healthy: Sequence[Answer], blind: Sequence[Answer]) -> None:
    tools: defaultdict[str, list[bool]] = defaultdict(list)
    for answer in failures:
        tools[answer.truth.get("tool", "?")].append(answer.right)
    mean = sum(sum(rights) / len(rights) for rights in tools.values()) / max(1, len(tools))
    cited = [
        any(a.cites(cited) for cited in (a.found.root, *a.found.citations) if cited)
        for a in failures
        if a.root is not None
    ]
    print(f"\nfailures {len(failures)}, successes {len(healthy)}, tools {len(tools)}")
    print(f"label right                {share([a.right for a in failures])}, mean over tools {100 * mean:.1f} %")
    print(f"  the very label           {share([a.label == a.truth['label'] for a in failures])}")
    print(f"  its tool left out        {share([a.right for a in blind])}")
    print(f"    and the root line      {share([a.root for a in blind if a.root is not None])}")
    print(f"root line                  {share([a.root for a in failures if a.root is not None])}")
    print(f"  among the lines cited    {share(cited)}")
    print(f"false alarms               {share([a.label is not None for a in healthy])}")
    print(f"sure (>= 0.9) and wrong    {sum(a.found.confidence >= 0.9 and not a.right for a in failures)}")


def shown(answers: Sequence[Answer]) -> None:
    for a in answers:
        if not a.right or a.root is False:
            root = f"{a.found.root.source}:{a.found.root.line} {a.found.root.text[:150]}" if a.found.root else "-"
            mark = "root" if a.right else "LABEL"
            print(f"{mark} {a.name} [{a.truth.get('tool')}] wants {a.truth['label']}", end="")
            print(f", got {a.label} {a.found.confidence} {a.found.pattern or a.found.by}")
            print(f"    wants {(root_lines(a.truth) or ['-'])[0][:150]}\n    got   {root}")


if __name__ == "__main__":
    main()
