"""One job of a Snakemake run made ready to run again, changed, in a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from heal.engines.snakemake_argv import CommandLine, read, value_of
from heal.engines.snakemake_words import one_job
from heal.errors import NotReplayable
from heal.patch import Draft
from heal.proving.asking import never
from heal.proving.enclosure import Find, enclosure
from heal.proving.ground import Ground, laid
from heal.proving.replay import Act, Failed, Stop
from heal.proving.surroundings import quiet
from heal.records import Attempt, Run

_KEPT = ("conda", "conda-archive", "singularity")
_SETTLED = (
    *("--executor", "local", "--nolock", "--ignore-incomplete", "--no-hooks", "--retries", "0", "--notemp", "--force"),
    *("--rerun-triggers", "mtime", "--printshellcmds", "--nocolor", "--quiet", "host"),
)
_RULE = r"^\s*(?:local)?(?:rule|checkpoint) {}:\s*$"
_ENDED = r"^RuleException:|^Error in rule {}:"
_MADE = re.compile(r"^ {4}output: (.+)$", re.MULTILINE)


class SnakemakeReplay:
    """The staging seam for Snakemake: that job alone, by the run's own command line, profile and configuration.

    Its inputs are taken as they are there, and no other rule is let run. ``find`` gives the bubblewrap to use, if any.
    """

    def __init__(self, find: Find = enclosure) -> None:
        self._find = find

    def act(self, draft: Draft, failed: Failed, folder: Path, *, stop: Stop = never) -> Act:
        """Make ready; see the seam."""
        del stop  # nothing here takes long
        line, workdir = read(failed.run.argv), work_folder(failed.run, failed.attempt)
        given, outputs = _paths(failed.attempt, "input"), _paths(failed.attempt, "output")
        _all_there(given, workdir)
        env = failed.env or {}
        found = self._find(env)
        if found is None:
            _names_no_place(draft, failed, workdir, outputs)
        logs = [path for path in failed.attempt.log_paths if "/.snakemake/" not in path]
        makes = [workdir / name for name in (*outputs, *logs)]
        ground = laid(folder, draft, workdir, makes, found)
        _own_folder(ground, workdir)
        surroundings = quiet(env, ground.temporary)
        argv = _argv(line, failed.attempt)
        return Act(
            folder,
            ground.words(argv, failed.run.cwd, surroundings["PATH"]),
            ground.cwd(failed.run.cwd),
            surroundings,
            outputs=tuple(ground.outside(workdir / name) for name in outputs),
            logs=tuple(ground.outside(workdir / name) for name in logs),
            cpus=int(failed.attempt.asked.get("cpus") or 1),
            memory_mb=failed.attempt.asked.get("memory_mb"),
            lacking=partial(ground.lacking, surroundings["PATH"]),
            enclosed=found is not None,
            began=partial(_began, failed.attempt.process),
            own=partial(_own_words, failed.attempt.process),
            made=partial(_made, workdir, failed.attempt.process, ground.outside),
            changed=ground.touched,
        )


def work_folder(run: Run, attempt: Attempt | None = None) -> Path:
    """The folder that paths of the run's tasks are relative to."""
    named = value_of(read(run.argv).options, "-d", "--directory")
    return Path((attempt.workdir if attempt else None) or (Path(run.cwd) / named if named else run.cwd))


def target(attempt: Attempt) -> tuple[str, ...]:
    """Name one job to Snakemake, by rule and wildcards, else by what it makes. Raises ``NotReplayable``."""
    outputs = _paths(attempt, "output")
    rule, colon, wildcards = attempt.key.partition(":")
    pairs = wildcards.split(",") if colon else []
    named = all(re.fullmatch(r"\w+=[^,\"']*", pair) for pair in pairs)
    by_output = pairs == [f"output={outputs[0]}"] if outputs else False
    if rule == attempt.process and named and not by_output:
        return ("--target-jobs", f"{rule}:{wildcards}")
    if outputs:
        return ("--", outputs[0])
    raise NotReplayable(f"how Snakemake names {attempt.name} is not known: it declares no outputs")


def _argv(line: CommandLine, attempt: Attempt) -> tuple[str, ...]:
    cores = str(max(1, int(attempt.asked.get("cpus") or 1)))
    return one_job(line, (*_SETTLED, "--cores", cores, "--allowed-rules", attempt.process, *target(attempt)))


def _paths(attempt: Attempt, which: str) -> tuple[str, ...]:
    said = attempt.facts.get(which)
    return tuple(str(path) for path in said) if isinstance(said, list | tuple) else ()


def _all_there(given: Sequence[str], workdir: Path) -> None:
    gone = [name for name in given if "://" not in name and "(" not in name and not (workdir / name).exists()]
    if gone:
        raise NotReplayable(f"its input {gone[0]} is not there any more")


def _names_no_place(draft: Draft, failed: Failed, workdir: Path, outputs: Sequence[str]) -> None:
    """Without an enclosure nothing holds back what names the real folder in full."""
    places = {str(draft.repository), str(draft.repository.resolve()), str(workdir), str(workdir.resolve())}
    said = [str(failed.attempt.facts.get("shell") or ""), *outputs]
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in map(draft.worktree.joinpath, draft.files)
        if path.is_file()
    ]
    if any(place in text for place in places for text in (*said, *texts)):
        raise NotReplayable("it names its own folder in full, and without bubblewrap it would write there")


def _own_folder(ground: Ground, workdir: Path) -> None:
    """Give Snakemake its folder, with a link to each environment that is there: another can be made beside them."""
    own = ground.outside(workdir / ".snakemake")
    shadow, plan = next(each for each in ground.shadows if own.is_relative_to(each[0]))
    shown = (plan.seen or plan.origin) / own.relative_to(shadow)
    for name in _KEPT:
        (own / name).mkdir(parents=True, exist_ok=True)
        real = workdir.resolve() / ".snakemake" / name
        for entry in real.iterdir() if real.is_dir() else ():
            (own / name / entry.name).symlink_to(shown / name / entry.name)


def _began(rule: str, text: str) -> bool:
    return bool(re.search(_RULE.format(re.escape(rule)), text, re.MULTILINE)) or f"Error in rule {rule}:" in text


def _own_words(rule: str, text: str) -> str:
    """What the job said, without what Snakemake said before and after."""
    begin = re.search(_RULE.format(re.escape(rule)), text, re.MULTILINE)
    after = text[begin.end() :] if begin else text
    return re.split(_ENDED.format(re.escape(rule)), after, maxsplit=1, flags=re.MULTILINE)[0]


def _made(workdir: Path, rule: str, outside: Callable[[Path], Path], text: str) -> tuple[Path, ...]:
    """What the job made by Snakemake's own word; it may be something else than before the change."""
    begin = re.search(_RULE.format(re.escape(rule)), text, re.MULTILINE)
    block = text[begin.end() :].partition("\n\n")[0] if begin else ""
    found = _MADE.search(block)
    names = re.sub(r" \((?:send to storage|directory)\)", "", found[1]).split(", ") if found else []
    # through links as the task went, some of which lead to other shadows
    return tuple(outside(workdir / name) for name in names)
