"""sbatch's command line, read as sbatch reads it: options up to the first other word, then a script and its arguments.

Python's ``getopt`` knows no options with an optional value (``--nice``, ``--nice=5``), so getopt_long(3) is
written out here: unique abbreviations, clusters of short options, values joined or following.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heal.errors import CannotApply

# man sbatch 22.05, and what 23.02 to 25.11 added (container-id, extra, prefer, segment, …)
_FLAGS = """contiguous consolidate-segments external help hold ignore-pbs no-requeue overcommit oversubscribe parsable
    quiet reboot requeue share spread-job spread-segments stepmgr test-only usage use-min-nodes verbose
    version wait"""
_OPTIONAL = "exclusive get-user-env nice no-kill oom-kill-step propagate resv-ports"
_VALUED = """account acctg-freq array batch bb bbf begin chdir cluster cluster-constraint clusters comment constraint
    container container-id core-spec cores-per-socket cpu-freq cpus-per-gpu cpus-per-task deadline
    delay-boot dependency distribution error exclude export export-file extra extra-node-info gid gpu-bind
    gpu-freq gpus gpus-per-node gpus-per-socket gpus-per-task gres gres-flags hint input job-name
    kill-on-invalid-dep licenses mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus
    network nodefile nodelist nodes ntasks ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket
    open-mode output partition power prefer priority profile qos reservation segment signal sockets-per-node
    switches thread-spec threads-per-core time time-min tmp tres-bind tres-per-task uid wait-all-nodes wckey
    workdir wrap"""
_TAKES = (
    dict.fromkeys(_FLAGS.split(), "nothing")
    | dict.fromkeys(_OPTIONAL.split(), "perhaps")
    | dict.fromkeys(_VALUED.split(), "value")
)
_LETTERS = """a=array A=account b=begin B=extra-node-info c=cpus-per-task C=constraint d=dependency D=chdir e=error
    F=nodefile G=gpus h=help H=hold i=input J=job-name k=no-kill L=licenses m=distribution M=clusters
    n=ntasks N=nodes o=output O=overcommit p=partition q=qos Q=quiet s=oversubscribe S=core-spec t=time
    u=usage v=verbose V=version w=nodelist W=wait x=exclude"""
_SHORT = dict(pair.split("=") for pair in _LETTERS.split())
# older spellings that sbatch still takes
_ALIASES = {"cluster": "clusters", "workdir": "chdir", "share": "oversubscribe"}


@dataclass(frozen=True, slots=True)
class Option:
    """One option by its long name, with its value where it has one."""

    name: str
    value: str | None = None

    @property
    def text(self) -> str:
        """The option as one word of a command line."""
        return f"--{self.name}" if self.value is None else f"--{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class CommandLine:
    """sbatch's options, the script (None where it came by ``--wrap`` or standard input) and the script's arguments."""

    options: tuple[Option, ...]
    script: str | None = None
    arguments: tuple[str, ...] = ()

    def value(self, name: str) -> str | None:
        """Find the value of an option; of one given twice the last, as in sbatch."""
        return next((option.value for option in reversed(self.options) if option.name == name), None)

    def has(self, name: str) -> bool:
        """Tell whether the option is given."""
        return any(option.name == name for option in self.options)


def parse_command_line(argv: Sequence[str]) -> CommandLine:
    """Read an sbatch command line, without the program. Raises ``CannotApply`` for an unknown option."""
    options: list[Option] = []
    words = list(argv)
    while words and words[0] != "--" and words[0].startswith("-") and words[0] != "-":
        word = words.pop(0)
        options += [_long(word, words)] if word.startswith("--") else _cluster(word, words)
    if words and words[0] == "--":
        del words[0]
    wrapped = any(option.name == "wrap" for option in options)
    if ":" in words[:1]:
        raise CannotApply("a heterogeneous job (sbatch … : …) cannot be submitted again by heal")
    if wrapped or not words:
        return CommandLine(tuple(options))
    return CommandLine(tuple(options), words[0], tuple(words[1:]))


def _long(word: str, rest: list[str]) -> Option:
    given, equals, value = word[2:].partition("=")
    name = _full_name(given)
    takes = _TAKES[name]
    name = _ALIASES.get(name, name)
    if equals:
        return Option(name, value)
    if takes != "value":
        return Option(name)
    return Option(name, _following(word, rest))


def _full_name(given: str) -> str:
    if given in _TAKES:
        return given
    starting = [name for name in _TAKES if name.startswith(given)]
    if len(starting) == 1:
        return starting[0]
    raise CannotApply(f"heal does not know sbatch's option --{given}" + (" (ambiguous)" if starting else ""))


def _cluster(word: str, rest: list[str]) -> list[Option]:
    options: list[Option] = []
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter not in _SHORT:
            raise CannotApply(f"heal does not know sbatch's option -{letter}")
        name = _SHORT[letter]
        if _TAKES[name] == "nothing":
            options.append(Option(name))
        elif letters or _TAKES[name] == "perhaps":
            options.append(Option(name, letters.removeprefix("=") or None))
            letters = ""
        else:
            options.append(Option(name, _following(word, rest)))
    return options


def _following(word: str, rest: list[str]) -> str:
    if not rest:
        raise CannotApply(f"sbatch's option {word} lacks its value")
    return rest.pop(0)


def parse_directives(script: str) -> CommandLine:
    """Read the options of a script's ``#SBATCH`` lines, which end with its first command (man sbatch).

    A line that heal cannot read is passed over: sbatch itself reads it again from the script.
    """
    options: list[Option] = []
    for line in _heading(script):
        try:
            options += parse_command_line(shlex.split(line, comments=True)).options
        except (CannotApply, ValueError):
            continue
    return CommandLine(tuple(options))


def _heading(script: str) -> Iterable[str]:
    for line in script.splitlines():
        if line.startswith("#SBATCH"):
            yield line.removeprefix("#SBATCH").strip()
        elif line.strip() and not line.startswith("#"):
            return
