"""Whose a job of the scheduler is, by what its engine wrote on it: the pipeline's folder, the rule or process. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import NamedTuple

# Snakemake's SLURM executor (2.8.0, submit_string.py): every job of a run has the run's UUID for a name (with a prefix
# if the user wants one), and a comment that names the rule
_RULE = re.compile(r"rule_(?P<rule>.+?)(?:_wildcards_.*)?", re.DOTALL)
# Nextflow (25.04, GridTaskHandler, TaskProcessor): nf- and the task's name, each of these characters made a "_"
_NEXTFLOW = re.compile(r"nf-(?P<process>.+?)(?:_\(.*)?", re.DOTALL)
_TASK_FOLDER = re.compile(r"(?P<work>.*)/[0-9a-f]{2}/[0-9a-f]{30}")
# sbatch's own name for a job without a script's (man sbatch, --job-name) says nothing, nor do numbers
_NAMED = re.compile(r"^(?!(?:wrap|sbatch)$).*[^\W_]")
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d+")


class Whose(NamedTuple):
    """The engine that submitted a job, the folder of its pipeline, and the rule, process or job name."""

    engine: str
    pipeline: str
    process: str


def whose(name: str, comment: str, workdir: str) -> Whose:
    """Tell whose a job is by its name, comment and work folder, as accounting has them."""
    if found := _RULE.fullmatch(comment):
        return Whose("snakemake", workdir, found["rule"])
    task, named = _TASK_FOLDER.fullmatch(workdir), _NEXTFLOW.fullmatch(name)
    if task and named:
        work = PurePath(task["work"])
        return Whose("nextflow", str(work.parent if work.name == "work" else work), named["process"])
    return Whose("sbatch", workdir, name)


def akin(one: Whose, other: Whose) -> bool:
    """True for jobs of one process; by hand they may differ in the numbers of their names, but must have a name."""
    if one[:2] != other[:2] or not one.pipeline:
        return False
    if one.engine != "sbatch":
        return one.process == other.process
    named = alike(one.process)
    return named == alike(other.process) and _NAMED.match(named) is not None


def alike(name: str) -> str:
    """What job names have in common that differ only in their numbers: ``align_S7`` is ``align_S*``."""
    return _CHANGING.sub("*", name)
