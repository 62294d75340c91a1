"""How often the diagnosis is right, on a folder of labelled cases: ``python benchmarks/zoo.py FOLDER [--show]``.

A case is a folder with the logs and a case.json (label, acceptable, root_line, tool, engine, exit_code, slurm_state).
The diagnosis sees the logs and the three facts, never case.json. ``--half 0|1`` takes the tools of one half only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from heal.cases import Case, Evidence
from heal.cli.folder import desk
from heal.knowledge.roles import Role, role
from heal.steps.diagnose import diagnose


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--half", type=int)
    args = parser.parse_args()
    at = desk()
    rows = []
    start = time.perf_counter()
    for path in sorted(args.folder.glob("*/case.json")):
        truth = json.loads(path.read_text())
        if args.half is not None and half(truth["tool"]) != args.half:
            continue
        rows.append((truth, diagnose(case(path.parent, truth, at), at.library)))
    took = time.perf_counter() - start
    report(rows, took, show=args.show)


def half(tool: str) -> int:
    return int(hashlib.md5(tool.encode()).hexdigest(), 16) % 2  # noqa: S324  a coin, not a secret


def case(folder: Path, truth: dict[str, Any], at: Any) -> Case:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "case.json"]
    files.sort(key=lambda path: (len(path.parts), path.as_posix()))
    evidence = tuple(
        Evidence(name) if role(name) is Role.OTHER else at.scanner.read(path, source=name)
        for path in files
        for name in [path.relative_to(folder).as_posix()]
    )
    return Case(truth["engine"], evidence, exit_code=truth["exit_code"], scheduler_state=truth["slurm_state"])


def report(rows: list[Any], took: float, *, show: bool) -> None:
    right: Counter[str] = Counter()
    by_tool: defaultdict[str, list[bool]] = defaultdict(list)
    for truth, found in rows:
        label = found.label.value if found.label else None
        good = label == truth["label"] or label in truth["acceptable"]
        failed = truth["label"] is not None
        right["failures" if failed else "successes"] += 1
        right["strict"] += failed and label == truth["label"]
        right["label"] += failed and good
        right["false alarms"] += not failed and label is not None
        line = " ".join(truth["root_line"].split()) if failed and truth["root_line"] else ""
        shown = {" ".join(c.text.split()) for c in (found.root, *found.citations) if c}
        right["with root line"] += bool(line)
        right["root"] += bool(line and found.root and " ".join(found.root.text.split()) == line)
        right["root among the cited"] += bool(line and line in shown)
        right["sure and wrong"] += failed and not good and found.confidence >= 0.9
        by_tool[truth["tool"]].append(good)
        if show and not (good and (not line or line in shown)):
            root = f"{found.root.source}:{found.root.line} {found.root.text[:150]}" if found.root else ""
            print(f"{truth['id']}: wants {truth['label']}, got {label} {found.confidence} {found.pattern}\n   {root}")
            print(f"   wants {truth['root_line'][:150] if truth['root_line'] else None}")
    print(dict(right), f"{took:.2f} s")
    tools = [sum(goods) / len(goods) for goods in by_tool.values()]
    print(f"labels {right['label'] / max(1, right['failures']):.3f}, mean over tools {sum(tools) / len(tools):.3f}")
    print("  ".join(f"{tool} {sum(goods)}/{len(goods)}" for tool, goods in sorted(by_tool.items()) if not all(goods)))


if __name__ == "__main__":
    main()
