"""Which files are run as code, so that what writes them writes a program."""

from __future__ import annotations

import re

_SUFFIXES = r"py|pyw|pyx|pth|so|sh|bash|zsh|ksh|sbatch|slurm|smk|snakefile|nf|groovy|r|rscript|pl|pm|awk|rb|jl|lua|jar"
_RUN = re.compile(
    rf"(?i)^(?:.*[/}}])?(?:[^/\s]*\.(?:{_SUFFIXES})|snakefile[^/\s]*|makefile|nextflow\.config"
    r"|\.(?:rprofile|bashrc|profile|envrc|zshrc))$"
    r"|^(?:.*/)?(?:bin|scripts?|workflow/(?:rules|scripts|profiles)|profiles)/[^/{}$]"
)


def runs_as_code(path: str) -> bool:
    """True for a script, a workflow file, what an interpreter loads at its start, and what lies in a folder of them."""
    return _RUN.search(path.strip()) is not None
