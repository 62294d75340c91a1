"""In which language a file is written, by its name and its first line."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath


class Language(StrEnum):
    """What the guard can read; OTHER is looked at by words alone."""

    PYTHON = "python"
    SNAKEMAKE = "snakemake"
    GROOVY = "groovy"
    R = "r"
    RMD = "rmd"
    BASH = "bash"
    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    OTHER = "other"


_SUFFIXES = {
    **dict.fromkeys((".py", ".pyw", ".pyi"), Language.PYTHON),
    **dict.fromkeys((".smk", ".snakefile", ".snake"), Language.SNAKEMAKE),
    **dict.fromkeys((".nf", ".config", ".groovy", ".gvy"), Language.GROOVY),
    **dict.fromkeys((".r", ".rscript"), Language.R),
    **dict.fromkeys((".rmd", ".qmd"), Language.RMD),
    **dict.fromkeys((".sh", ".bash", ".sbatch", ".slurm", ".ksh", ".zsh"), Language.BASH),
    **dict.fromkeys((".yaml", ".yml"), Language.YAML),
    ".toml": Language.TOML,
    ".json": Language.JSON,
}
_SHEBANGS = (
    (re.compile(r"^#!.*\bpython[\d.]*\b"), Language.PYTHON),
    (re.compile(r"^#!.*\bRscript\b|^#!.*\blittler\b"), Language.R),
    (re.compile(r"^#!.*\b(ba|da|z|k)?sh\b"), Language.BASH),
    (re.compile(r"^#!.*\b(nextflow|groovy)\b"), Language.GROOVY),
)


def language_of(path: str, text: str) -> Language:
    """The first line speaks before the name where it names an interpreter: that one will run it."""
    for pattern, language in _SHEBANGS:
        if pattern.search(text.split("\n", 1)[0]):
            return language
    name = PurePosixPath(path).name.lower()
    known = _SUFFIXES.get(PurePosixPath(name).suffix, Language.OTHER)
    return Language.SNAKEMAKE if known is Language.OTHER and name.startswith("snakefile") else known
