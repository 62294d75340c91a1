"""How large a payload is, and how much of it the next one begins with: ``python -m benchmarks.payload_tokens``.

Sizes: every labelled case, its folder taken for the repository but for its logs, with the rules that heal's own chain
gives the coder, in a window of 32,768 tokens. They are set beside all that was logged, as far as a person would have to
paste it. Prefix: incidents of one project, one for each rule or process in turn, each with the log of a real failure;
what two in a row have in common from the first character on is what a server may keep. Tokens are heal's own estimate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchmarks.score import OWN, Answer, judged

from heal.chain.plan_file import load
from heal.chain.prompts import Facts, Prompts
from heal.cli.desk import desk
from heal.evidence.tokens import tokens
from heal.model_settings import Patches, Privacy
from heal.payload.build import Payload, Prompt, build
from heal.payload.context import Material, gather
from heal.payload.redact import Names, Redactor
from heal.payload.tree import Content, FolderTree, Tree
from heal.records import Run

ROOM = 24_000
ROOT = Path(__file__).parent.parent
PROJECTS = (ROOT / "tests" / "nextflow" / "nfcore-like", *sorted((ROOT / "tests" / "healing").glob("*/pipeline")))
CHAINED = (PROJECTS[0], *(ROOT / "tests" / "healing" / name / "pipeline" for name in ("name-error", "nf-quoting")))
INCIDENTS = 6
_NAMED = re.compile(r"^[ \t]*(?:rule|checkpoint|process)\s+(?P<name>\w+)\s*[:{]", re.MULTILINE)
_ALIASED = re.compile(r"include\s*\{[^}]*\bas\s+(?P<name>[A-Z_]+)")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of a case that are no log of it."""

    tree: FolderTree
    logs: frozenset[str]

    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in self.tree.paths() if path not in self.logs and not path.endswith(".json"))

    def read(self, path: str) -> Content:
        return self.tree.read(path)


def main() -> None:
    answers = [one for one in judged(desk(), OWN[:1]) if one.failed]
    plan = load()
    prompts = Prompts()
    rules = {
        engine: prompts.render("coder", plan.coder, Facts(engine, Patches.model_validate({}).allow))
        for engine in ENGINES
    }
    sizes(answers, rules)
    wrongly_hidden(answers)
    kept_alike(PROJECTS[:1], answers, rules)
    kept_alike(PROJECTS[1:], answers, rules)
    kept_by_servers(CHAINED, answers)


ENGINES = ("", "snakemake", "nextflow", "slurm", "sbatch")


def sizes(answers: Sequence[Answer], rules: Mapping[str, str]) -> None:
    whole, sent, apart = [], [], []
    for answer in answers:
        folder = OWN[0] / answer.name
        logs = frozenset(one.source for one in answer.case.evidence)
        text = "\n".join(_text(folder / source) for source in sorted(logs))
        made = payload_of(answer, Folder(FolderTree(folder), logs), rules)
        whole.append(tokens(text))
        sent.append(made.tokens)
        apart.append(made.tokens - next(part.tokens for part in made.parts if part.name == "rules"))
    row("tokens of all that a labelled case logged", whole, len(answers))
    row("tokens of its payload for the coder", sent, len(answers))
    row("the same without rules and labels, which are the same each time", apart, len(answers))
    large = [(log, one) for log, one in zip(whole, sent, strict=True) if log > 8_000]
    part = share([one for _, one in large], [log for log, _ in large])
    print(f"| the {len(large)} payloads of cases that logged more than 8,000 tokens | {part} | of the logs together |")


def wrongly_hidden(answers: Sequence[Answer]) -> None:
    """How many words of the labelled cases are hidden, by kind: nearly all of them are no secrets."""
    words, hidden = 0, Counter[str]()
    for answer in answers:
        for path in sorted((OWN[0] / answer.name).rglob("*")):
            text = _text(path) if path.name != "expected.json" else ""
            if "\0" in text[:4000] or len(text) > 300_000:
                continue
            own = Redactor({}, Privacy(), Names())
            hidden.update(dict(own.counted([own.hide(text)])))
            words += len(text.split())
    kinds = ", ".join(f"{kind} {count}" for kind, count in hidden.most_common())
    print(f"| words hidden in what the labelled cases hold, secret or not | {hidden.total()} of {words:,} | {kinds} |")


def kept_alike(projects: Sequence[Path], answers: Sequence[Answer], rules: Mapping[str, str]) -> None:
    """What the payloads of one incident after the other have in common, in tokens, from the beginning."""
    for engine in ("nextflow", "snakemake"):
        mine = [one for one in projects if (one / "main.nf").exists() == (engine == "nextflow")]
        shares = [each for one in mine for each in shared(one, engine, answers, rules)]
        if shares:
            lines = [sum(text.count("\n") for text in _texts(one)) for one in mine]
            size = f"{min(lines)} to {max(lines)} lines" if len(mine) > 1 else f"{lines[0]} lines"
            print(
                f"| beginning that two incidents in a row share, {engine} pipelines: {len(mine)} of {size} "
                f"| median {median(shares):.0%}, least {min(shares):.0%} | of the second, {len(shares)} pairs |"
            )


def shared(project: Path, engine: str, answers: Sequence[Answer], rules: Mapping[str, str]) -> Iterator[float]:
    tree = FolderTree(project)
    names = list(dict.fromkeys(processes(tree)))
    logs = [one for one in answers if one.case.engine == engine and one.case.evidence]
    made = []
    for number in range(max(12, len(names))):
        real = logs[number * 7 % len(logs)]
        case = replace(real.case, process=names[number % len(names)])
        made.append(payload_of(replace(real, case=case), tree, rules))
    for one, other in pairwise(made):
        yield tokens(_common(_whole(one), _whole(other))) / other.tokens


def kept_by_servers(projects: Sequence[Path], answers: Sequence[Answer]) -> None:
    """Of all that whole chains ask about incidents of one project: what a server had read before, by what it keeps."""
    for project in projects:
        engine = "nextflow" if (project / "main.nf").exists() else "snakemake"
        asked = [_whole(payload) for payload in questions(project, engine, answers)]
        size = sum(map(tokens, asked))
        last = sum(tokens(_common(one, other)) for one, other in pairwise(asked))
        every = sum(
            max((tokens(_common(one, text)) for one in asked[:number]), default=0) for number, text in enumerate(asked)
        )
        print(
            f"| tokens that a server had read before, whole chains for {INCIDENTS} incidents of {called(project)} "
            f"({engine}) | {every / size:.0%} where it keeps what it read "
            f"| {last / size:.0%} where it keeps the last question alone |"
        )


def called(project: Path) -> str:
    return project.parent.name if project.name == "pipeline" else project.name


def questions(project: Path, engine: str, answers: Sequence[Answer]) -> Iterator[Payload]:
    """What each role is asked about one incident after the other; a reviewer sees the file that was changed."""
    plan, prompts, tree = load(), Prompts(), FolderTree(project)
    facts = Facts(engine, Patches.model_validate({}).allow)
    names = list(dict.fromkeys(processes(tree)))
    logs = [one for one in answers if one.case.engine == engine and one.case.evidence]
    for number in range(INCIDENTS):
        real = logs[number * 7 % len(logs)]
        case = replace(real.case, process=names[number % len(names)])
        context = gather(Material(case, real.found, run=started(engine)), tree)
        for name, role in plan.roles.items():
            if role.prompt is not None:
                seen = context.regions[:1] if role.gives == "review" else None
                prompt = Prompt(name, prompts.render(name, role, facts), frozenset(role.shows), seen)
                yield build(prompt, context, ROOM, Redactor({}, Privacy(), Names()))


def _texts(project: Path) -> Iterator[str]:
    tree = FolderTree(project)
    return (tree.read(path).text for path in tree.paths())


def payload_of(answer: Answer, tree: Tree, rules: Mapping[str, str]) -> Payload:
    engine = answer.case.engine if answer.case.engine in ENGINES else ""
    context = gather(Material(answer.case, answer.found, run=started(engine)), tree)
    return build(Prompt("coder", rules[engine]), context, ROOM, Redactor({}, Privacy(), Names()))


def started(engine: str) -> Run | None:
    """The run that an incident is of; where no engine is known heal was shown a log alone."""
    words = {
        "nextflow": ("nextflow", "run", "main.nf", "-profile", "slurm"),
        "snakemake": ("snakemake", "--jobs", "50"),
    }
    argv = words.get(engine)
    return (
        Run("r", "r", engine, "/home/ada/projects/pipeline", argv, datetime(2026, 3, 1, tzinfo=UTC)) if argv else None
    )


def processes(tree: Tree) -> Iterator[str]:
    for path in tree.paths():
        if path.endswith((".nf", ".smk", "Snakefile")):
            text = tree.read(path).text
            yield from (got["name"] for pattern in (_NAMED, _ALIASED) for got in pattern.finditer(text))


def row(what: str, found: Sequence[int], cases: int) -> None:
    ordered = sorted(found)
    at = ordered[int(len(ordered) * 0.95)]
    print(f"| {what} | median {median(ordered):,.0f}, p95 {at:,} | {cases} cases, at most {ordered[-1]:,} |")


def share(of: Iterable[int], all_of: Iterable[int]) -> str:
    total = sum(all_of)
    return f"{sum(of) / total:.1%}" if total else "none"


def _common(one: str, other: str) -> str:
    return one[: next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))]


def _whole(payload: Payload) -> str:
    return "".join(each.text for each in payload.messages)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""


if __name__ == "__main__":
    main()
