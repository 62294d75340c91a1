"""The texts of regression tests, one template for each engine. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heal.advice.nextflow_block import Block, source

SNAKEMAKE = '''\
"""@TITLE@

@CAUSE@

Runs the rule alone, on the inputs it failed on, in a scratch copy of this project: it fails as long as that is so.
Written by heal test-for @INCIDENT@; from then on it is yours.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
DATA = HERE / "@DATA@"
RULE = @RULE@
SNAKEFILE = @SNAKEFILE@
OPTIONS = @OPTIONS@
# what the task makes
OUTPUTS = @OUTPUTS@
LOGS = @LOGS@
# what it reads, kept beside this file as it was then (sha256)
KEPT = @KEPT@
# what it reads and is not kept: too large, a folder, or outside this project
ELSEWHERE = @ELSEWHERE@
LEFT = (".snakemake", ".nextflow", ".git", ".heal", "__pycache__")


def fill(source: Path, target: Path, before: str = "") -> None:
    """Folders are made anew and files are linked; what the task makes is left out, what it read is as it was."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        name = before + entry.name
        if entry.name in LEFT or entry == HERE or name in (*OUTPUTS, *LOGS, *KEPT):
            continue
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            fill(entry, target / entry.name, name + "/")
        else:
            (target / entry.name).symlink_to(entry)


def test_@NAME@(tmp_path: Path) -> None:
    # Given the inputs that the task failed on
    for name in ELSEWHERE:
        if not (PROJECT / name).exists():
            pytest.skip(f"{name} is no part of this test, and is not here")
    fill(PROJECT, tmp_path)
    for name, checksum in KEPT.items():
        content = (DATA / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum, f"{name} is not what the task failed on"
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DATA / name, tmp_path / name)
    # When its rule runs on them
    words = ["snakemake", "--snakefile", str(PROJECT / SNAKEFILE), "--directory", str(tmp_path), *OPTIONS]
    words += ["--cores", "@CORES@", "--force", "--notemp", "--allowed-rules", RULE, "--", *(OUTPUTS or [RULE])]
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    ended = subprocess.run(words, cwd=tmp_path, check=False, **said)
    # Then it ends well and makes what it is to make
    assert ended.returncode == 0, ended.stdout
    assert [name for name in OUTPUTS if not (tmp_path / name).exists()] == [], ended.stdout
'''

_SHELL_HEAD = """\
#!/bin/bash
# @TITLE@
#
# @CAUSE@
#
# Runs @WHAT@ again, on the inputs it failed on, in a scratch folder: it fails as long as that is so.
# Written by heal test-for @INCIDENT@; from then on it is yours. Exit code 0: it went well, 77: it could not be tried.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$here")
data=$here/@DATA@
scratch=$(mktemp -d) || exit 77
trap 'rm -rf "$scratch"' EXIT

# what it reads and is not kept with this test: too large, a folder, or outside this project
elsewhere=(@ELSEWHERE@)
outputs=(@OUTPUTS@)
for file in "${elsewhere[@]}"; do
    (cd "$project" && test -e "$file") || { echo "$file is no part of this test, and is not here"; exit 77; }
done
@SUMS@
"""

SCRIPT = (
    _SHELL_HEAD
    + """
# folders are made anew and small files are copied: whatever the script writes, it writes to the scratch folder
(
    cd "$project" && find . -path './.?*' -prune -o -path './tests' -prune -o -type d -print0 |
        (cd "$scratch" && xargs -0 mkdir -p)
    find . -path './.?*' -prune -o -path './tests' -prune -o -type f -size -2048k -print0 |
        tar --null --files-from=- -cf - | tar -C "$scratch" -xf -
)
for file in "${elsewhere[@]}"; do
    case $file in
    /*) ;;
    *) mkdir -p "$scratch/$(dirname "$file")" && ln -sf "$project/$file" "$scratch/$file" ;;
    esac
done
cp -R "$data/." "$scratch/" 2>/dev/null
for file in "${outputs[@]}"; do rm -rf "${scratch:?}/$file"; done

cd "$scratch" || exit 77
export SLURM_SUBMIT_DIR=$scratch
@ENVIRONMENT@
@COMMAND@ >"$scratch/.said" 2>&1
code=$?
if [ "$code" != 0 ]; then
    tail -n 30 "$scratch/.said"
    echo "FAILED: exit code $code"
    exit 1
fi
for file in "${outputs[@]}"; do
    [ -e "$file" ] || { echo "FAILED: $file was not made"; exit 1; }
done
echo "ok"
"""
)

NEXTFLOW = (
    _SHELL_HEAD
    + """
# The task's own launcher and script, as Nextflow wrote them, with the scratch folder in place of its work folder.
# Programs in bin/ are the project's as they are now.
@BLOCK@
@MOVED@ "$data/command.run" >"$scratch/.command.run"
cd "$scratch" || exit 77
bash .command.run >/dev/null 2>&1
code=$(cat .exitcode 2>/dev/null)
if [ "${code:-1}" != 0 ]; then
    tail -n 30 .command.log .command.err 2>/dev/null
    echo "FAILED: exit code ${code:-unknown}"
    exit 1
fi
for file in "${outputs[@]}"; do
    [ -e "$file" ] || { echo "FAILED: $file was not made"; exit 1; }
done
echo "ok"
"""
)


@dataclass(frozen=True, slots=True)
class Told:
    """What stands in every test: whose failure it is, where its inputs are kept, and what it reads and makes."""

    incident: str
    title: str
    cause: str
    data: str
    outputs: Sequence[str]
    kept: Mapping[str, str]
    elsewhere: Sequence[str]


def snakemake(told: Told, *, rule: str, snakefile: str, options: Sequence[str], logs: Sequence[str], cores: int) -> str:
    """A file for pytest."""
    return _filled(
        SNAKEMAKE,
        TITLE=_docstring(told.title),
        CAUSE=_docstring(told.cause),
        INCIDENT=told.incident,
        DATA=told.data,
        RULE=_python(rule),
        SNAKEFILE=_python(snakefile),
        OPTIONS=_python(list(options)),
        OUTPUTS=_python(list(told.outputs)),
        LOGS=_python(list(logs)),
        KEPT=_python(dict(told.kept)),
        ELSEWHERE=_python(list(told.elsewhere)),
        NAME=_name(told.title),
        CORES=str(cores),
    )


def script(told: Told, *, command: Sequence[str], environment: Mapping[str, str]) -> str:
    """A file for bash that runs a job's script; ``environment`` is what the scheduler gave it."""
    return _shell(
        SCRIPT,
        told,
        WHAT="the script",
        ENVIRONMENT="\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items()) or ":",
        COMMAND=shlex.join(command),
    )


_AS_IT_WAS = """\
# After a change of the process's script block make the same change in $data/command.sh: it is that block as it was
# filled in for this task.
cp "$data/command.sh" "$scratch/.command.sh"
"""
_FILLED_AGAIN = """\
# The process's script block as it is now, filled in with what stood in its places when the task failed.
{ head -n 1 "$data/command.sh"; python3 - "$project"/@FILE@ <<'END'
@SOURCE@


VALUES = @VALUES@
with open(sys.argv[1], encoding="utf-8") as file:
    found = blocks(file.read(), "@PROCESS@")
try:
    print(filled(found[@NUMBER@], VALUES))
except (IndexError, KeyError) as error:
    sys.exit(f"the script block of @PROCESS@ is not there any more, or takes what it did not take then: {error}")
END
} >"$scratch/.command.sh" || exit 77
"""


def nextflow(told: Told, moved: Sequence[tuple[str, str]], block: Block | None) -> str:
    """A file for bash that runs a task's own launcher.

    ``moved``: paths in it, and where they are now (for a shell). ``block``: what its script is made from, where that
    is known.
    """
    rules = " ".join(f'-e "s#"{shlex.quote(_pattern(old))}"#{new}#g"' for old, new in moved)
    return _shell(NEXTFLOW, told, WHAT="the task", MOVED=f"sed {rules}", BLOCK=_block(block))


def _block(block: Block | None) -> str:
    if block is None:
        return _AS_IT_WAS.strip()
    return _filled(
        _FILLED_AGAIN,
        FILE=shlex.quote(block.file),
        SOURCE=source(),
        VALUES=_python(dict(block.values)),
        PROCESS=block.process,
        NUMBER=str(block.number),
    ).strip()


def _shell(template: str, told: Told, **parts: str) -> str:
    return _filled(
        template,
        TITLE=" ".join(told.title.split()),
        CAUSE=" ".join(told.cause.split()),
        INCIDENT=told.incident,
        DATA=told.data,
        ELSEWHERE=shlex.join(told.elsewhere),
        OUTPUTS=shlex.join(told.outputs),
        SUMS=_sums(told.kept),
        **parts,
    )


def _sums(kept: Mapping[str, str]) -> str:
    if not kept:
        return "# (nothing that it reads is kept)"
    lines = "\n".join(f"{checksum}  {name}" for name, checksum in kept.items())
    return (
        "# what it reads, kept as it was then\n"
        f"(cd \"$data\" && sha256sum --quiet --check -) <<'END' || "
        f"{{ echo 'the kept inputs are not what the task failed on'; exit 77; }}\n{lines}\nEND"
    )


def _filled(template: str, **parts: str) -> str:
    # what is put in is not looked at again
    return re.sub(r"@([A-Z]+)@", lambda found: parts[found[1]], template)


def _python(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=4)


def _docstring(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', "'")


def _name(title: str) -> str:
    return "_".join(word for word in "".join(c if c.isalnum() else " " for c in title).split() if word.isascii())


def _pattern(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\.[]*^$#" else letter for letter in text)
