"""Marks the cases that heal gets wrong today: ``python -m benchmarks.marks [FOLDER…] [--dry]``.

``not_yet`` in an ``expected.json`` says what is wrong, the label or the root line; ``tests/test_incidents.py`` holds
heal to it in both ways. Nothing else in the file changes. What changed is printed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.score import ANSWER, OWN, judged

from heal.cli.desk import desk

MARK = "not_yet"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", type=Path, default=OWN[:1])
    parser.add_argument("--dry", action="store_true", help="print only what would change")
    args = parser.parse_args()
    for folder in args.folders:
        for answer in judged(desk(), [folder]):
            before = answer.truth.get(MARK)
            if answer.wrong == before:
                continue
            print(f"{answer.name}: {before or 'right'} → {answer.wrong or 'right'}")
            if not args.dry:
                remark(folder / answer.name / ANSWER, answer.wrong)


def remark(path: Path, wrong: str | None) -> None:
    """Sets or takes away the mark, and leaves the rest of the file as it is."""
    text = path.read_text(encoding="utf-8")
    truth = json.loads(text)
    written = next((form for form in _FORMS if _written(truth, form) == text.rstrip("\n")), _FORMS[0])
    truth.pop(MARK, None)
    if wrong:
        truth[MARK] = wrong
    path.write_text(_written(truth, written) + "\n", encoding="utf-8")


_FORMS: tuple[dict[str, Any], ...] = tuple(
    {"indent": indent, "ensure_ascii": plain} for indent in (1, 2, None) for plain in (False, True)
)


def _written(truth: Any, form: dict[str, Any]) -> str:
    return json.dumps(truth, **form)


if __name__ == "__main__":
    main()
