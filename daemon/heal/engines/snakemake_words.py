"""Which words of a Snakemake command line are options, which their values and which targets. Pure.

Read from the parser of Snakemake 9.27 (``snakemake/cli.py``) with its SLURM executor. An option that is not known here
is taken to have one value where a word follows that is no option.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from heal.engines.snakemake_argv import CommandLine

_FLAGS = frozenset({
    "-h", "--help", "--dry-run", "--dryrun", "-n", "--replace-workflow-config", "--touch", "-t", "--keep-going", "-k",
    "--force", "-f", "--forceall", "-F", "--rerun-incomplete", "--ri", "--no-subworkflows", "--nosw",
    "--report-after-run", "--list-rules", "--list", "-l", "--list-target-rules", "--lt", "--filegraph", "--d3dag",
    "--summary", "-S", "--detailed-summary", "-D", "--cleanup-shadow", "--skip-script-cleanup", "--unlock",
    "--list-input-changes", "--li", "--list-params-changes", "--lp", "--list-untracked", "--lu", "--delete-all-output",
    "--delete-temp-output", "--keep-incomplete", "--drop-metadata", "--version", "-v", "--printshellcmds", "-p",
    "--debug-dag", "--nocolor", "--print-compilation", "--verbose", "--force-use-threads", "--allow-ambiguity", "-a",
    "--nolock", "--ignore-incomplete", "--ii", "--trust-io-cache", "--notemp", "--no-temp", "--nt", "--all-temp",
    "--keep-storage-local-copies", "--not-retrieve-storage", "--target-files-omit-workdir-adjustment", "--no-hooks",
    "--debug", "--show-failed-logs", "--job-deploy-sources", "--benchmark-extended", "--immediate-submit", "--is",
    "--container-cleanup-images", "--use-conda", "--conda-not-block-search-path-envvars", "--list-conda-envs",
    "--conda-cleanup-envs", "--conda-create-envs-only", "--use-apptainer", "--use-singularity", "--use-envmodules",
    "--slurm-disable-memory-fudge", "--slurm-keep-successful-logs", "--slurm-requeue", "--slurm-no-requeue",
    "--slurm-no-account", "--slurm-efficiency-report", "--slurm-pass-command-as-script",
    "--slurm-jobstep-pass-command-as-script", "--scheduler-greedy-omit-prioritize-by-temp-and-input",
})  # fmt: skip
_MANY = frozenset({
    "--cache", "--resources", "--res", "--set-threads", "--set-resources", "--set-scatter", "--set-resource-scopes",
    "--default-resources", "--default-res", "--preemptible-rules", "--configfile", "--configfiles", "--config", "-C",
    "--envvars", "--rerun-triggers", "--forcerun", "-R", "--consider-ancient", "--prioritize", "-P", "--until", "-U",
    "--omit-from", "-O", "--strict-dag-evaluation", "--groups", "--group-components", "--cleanup-metadata", "--cm",
    "--quiet", "-q", "--wait-for-files", "--omit-flags", "--unneeded-temp-files", "--allowed-rules",
    "--shared-fs-usage", "--logger", "--software-deployment-method", "--deployment-method", "--deployment", "--sdm",
    "--conda-cleanup-pkgs", "--deploy-sources", "--target-jobs",
})  # fmt: skip
# which other task, which other way of running it, and what is done instead of running
_NOT_ONE_JOB = frozenset({
    "--executor", "-e", "--jobs", "-j", "--cores", "-c", "--local-cores", "--max-threads", "--dry-run", "--dryrun",
    "-n", "--touch", "-t", "--force", "-f", "--forceall", "-F", "--forcerun", "-R", "--until", "-U", "--omit-from",
    "-O", "--batch", "--prioritize", "-P", "--report", "--report-after-run", "--quiet", "-q", "--immediate-submit",
    "--is", "--wait-for-files", "--wait-for-files-file", "--keep-going", "-k", "--retries", "--restart-times", "-T",
    "--rerun-triggers", "--rerun-incomplete", "--ri", "--nolock", "--notemp", "--no-temp", "--nt", "--no-hooks",
    "--ignore-incomplete", "--ii", "--all-temp", "--trust-io-cache", "--draft-notebook", "--edit-notebook",
    "--target-jobs", "--allowed-rules", "--delete-all-output", "--delete-temp-output", "--keep-incomplete",
    "--jobscript", "--js", "--groups", "--group-components", "--mode", "--unneeded-temp-files", "--attempt",
    "--printshellcmds", "-p", "--debug", "--unlock", "--persistence-backend-db-url", "--persistence-backend",
})  # fmt: skip
_BUNDLE = re.compile(r"-[hntkfFlSDvpa]{2,}")


@dataclass(frozen=True, slots=True)
class Part:
    """An option with its values as the words it stands in, or one target (``name`` empty)."""

    name: str
    words: tuple[str, ...]


def parts(options: Sequence[str]) -> Iterator[Part]:
    """Tell the options with their values from the targets among them."""
    place = 0
    while place < len(options):
        word = options[place]
        if not _is_option(word):
            yield Part("", (word,))
            place += 1
            continue
        name, equals, _value = word.partition("=")
        short = word[:2] if not word.startswith("--") and len(word) > 2 and not _BUNDLE.fullmatch(word) else name  # noqa: PLR2004
        joined = bool(equals) or short != word
        count = 0 if joined else _values(name, options[place + 1 :])
        yield Part(short, tuple(options[place : place + 1 + count]))
        place += 1 + count


def one_job(line: CommandLine, more: Sequence[str]) -> tuple[str, ...]:
    """The same invocation for one job that ``more`` names, run here: what says which others, where and how often goes.

    Configuration, resources, deployment and directories stay, word for word.
    """
    kept: list[str] = []
    for part in parts(line.options):
        if _BUNDLE.fullmatch(part.name):
            flags = [flag for flag in part.name[1:] if f"-{flag}" not in _NOT_ONE_JOB]
            kept += ["-" + "".join(flags)] if flags else []
        elif part.name and part.name not in _NOT_ONE_JOB:
            kept += part.words
    return replace(line, targets=(), separated=False).words([*kept, *more])


def dry_run(line: CommandLine) -> tuple[str, ...]:
    """The same invocation as a dry run that tells every job, its command and how many there are of each rule."""
    kept = [
        word for part in parts(line.options) if part.name not in ("--quiet", "-q", "--unlock") for word in part.words
    ]
    return line.words(
        [*kept, "--dry-run", "--rerun-incomplete", "--nolock", "--printshellcmds", "--quiet", "host", "--nocolor"]
    )


def _is_option(word: str) -> bool:
    # argparse takes a word with a space for no option whatever its first letter is; a number below zero neither
    return word.startswith("-") and len(word) > 1 and " " not in word and not word[1].isdigit()


def _values(name: str, following: Sequence[str]) -> int:
    if name in _FLAGS or _BUNDLE.fullmatch(name):
        return 0
    count = next((at for at, word in enumerate(following) if _is_option(word)), len(following))
    return count if name in _MANY else min(count, 1)
