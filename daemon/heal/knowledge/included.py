"""The files that a workflow's own text brings in by a plain name: rules, modules, configurations, scripts. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

# Snakemake's documentation, "Modularization": relative to the file that says so
_OF_SNAKEMAKE = re.compile(
    r"^[ \t]*(?:include|script|notebook|snakefile)[ \t]*:[ \t]*(?:\n[ \t]+)?(['\"])(?P<path>[^'\"{}\n]{1,400})\1",
    re.MULTILINE,
)
# "Integrated Package Management": what an environment is made of
_CONDA = re.compile(r"^[ \t]*conda[ \t]*:[ \t]*(?:\n[ \t]+)?(['\"])(?P<path>[^'\"{}\n]{1,400}\.ya?ml)\1", re.MULTILINE)
# "Configuration": relative to the folder that Snakemake runs in
_CONFIG = re.compile(r"^[ \t]*configfile[ \t]*:[ \t]*(['\"])(?P<path>[^'\"{}\n]{1,400})\1", re.MULTILINE)
# Nextflow's documentation, "Modules" and "Configuration"; .nf may be left out
MODULES = re.compile(r"^\s*include\s*\{[^}]*\}\s*from\s*(['\"])(?P<path>\.{1,2}/[^'\"$]+)\1", re.MULTILINE)
CONFIGS = re.compile(r"^\s*includeConfig\s*(?:\(\s*)?(['\"])(?P<path>[^'\"$]+)\1", re.MULTILINE)


def included(path: str, text: str, cwd: str) -> tuple[str, ...]:
    """The paths that the file at ``path`` names, in its order; a name that is computed is none.

    ``cwd`` is the folder of the run.
    """
    return tuple(dict.fromkeys(_named(path, text, cwd)))


def _named(path: str, text: str, cwd: str) -> Iterator[str]:
    own = posixpath.dirname(path)
    if path.endswith((".nf", ".config")):
        for found in MODULES.finditer(text):
            name = found["path"] if found["path"].endswith(".nf") else f"{found['path']}.nf"
            yield _joined(own, name)
        for found in CONFIGS.finditer(text):
            if "://" not in found["path"]:
                yield _joined(own, found["path"])
    elif path.endswith(("Snakefile", ".smk")):
        yield from _of_rules(own, text, cwd)


def _of_rules(own: str, text: str, cwd: str) -> Iterator[str]:
    for regex, folder in ((_OF_SNAKEMAKE, own), (_CONFIG, cwd), (_CONDA, own)):
        yield from (_joined(folder, found["path"]) for found in regex.finditer(text) if "://" not in found["path"])


def _joined(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))
