"""What this process was started as."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

# invocations that run no job: heal has nothing to follow in them
_RUNS_NOTHING = frozenset(
    {
        *("-n", "--dry-run", "--dryrun", "-t", "--touch", "--unlock", "--lint", "--version", "-v", "--help", "-h"),
        *("--dag", "--rulegraph", "--filegraph", "--d3dag", "--summary", "-S", "--detailed-summary", "-D"),
        *("--archive", "--list-rules", "--list", "-l", "--list-target-rules", "--lt", "--print-compilation"),
        *("--containerize", "--generate-unit-tests", "--cleanup-metadata", "--cm", "--cleanup-shadow"),
        *("--conda-cleanup-envs", "--conda-create-envs-only", "--list-conda-envs", "--container-cleanup-images"),
        *("--list-changes", "--lc", "--list-input-changes", "--li", "--list-params-changes", "--lp"),
        *("--list-untracked", "--lu", "--delete-all-output", "--delete-temp-output", "--deploy-sources"),
        *("--draft-notebook", "--edit-notebook"),
    }
)


def argv() -> list[str]:
    """The exact command line of this process."""
    try:
        words = Path("/proc/self/cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        words = []
    return [os.fsdecode(word) for word in words] or list(sys.orig_argv)


def environment() -> dict[str, str]:
    """The environment this process was started with; Snakemake changes its own as it goes."""
    try:
        lines = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    pairs = (os.fsdecode(line).partition("=") for line in lines if b"=" in line)
    return {name: value for name, _, value in pairs}


def runs_jobs(words: Sequence[str]) -> bool:
    """Tell whether this command line asks for jobs to be run (not for a drawing, a listing, an unlock)."""
    # a Snakemake that Snakemake started for one job
    if "--mode" in words or any(word.startswith("--mode=") for word in words):
        return False
    if "--report" in words and "--report-after-run" not in words:
        return False
    return not any(word.partition("=")[0] in _RUNS_NOTHING for word in words)
