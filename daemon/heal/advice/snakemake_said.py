"""What a dry run and ``--lint`` of Snakemake say, as issues, and what the tasks of the dry run would ask for. Pure.

Texts are those of Snakemake 7 to 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from heal.advice.issues import Issue, Severity
from heal.advice.requests import Request, gpu_of
from heal.advice.snakemake_text import line_of
from heal.knowledge.snakefile_place import place

_ERROR = re.compile(
    r"^(?P<kind>\w*(?:Error|Exception)(?: in (?:rule \w+ in )?file [^\n]+)?(?::[^\n]*)?)$(?P<rest>(?:\n.*)*)",
    re.MULTILINE,
)
_PLACE = re.compile(r'in file "?(?P<file>[^"\n,]+?)"?, line (?P<line>\d+)|File "(?P<from>[^"\n]+)", line (?P<at>\d+)')
_LINT = re.compile(r"^Lints for (?:rule (?P<rule>\w+) \(line (?P<line>\d+), (?P<file>.+)\)|snakefile (?P<whole>.+)):$")
_POINT = re.compile(r"^    \* (?P<what>.+?):?$")
_JOB = re.compile(r"^(?:local)?(?:rule|checkpoint) (?P<rule>\w+):$")
_ENTRY = re.compile(r"^    (?P<name>threads|resources): (?P<value>.+)$")
# what a trace of Snakemake's own begins with, behind an error
_OUT = re.compile(r"^(?:Traceback |  File \"|During handling|\s*$\n\s*$)", re.MULTILINE)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?")
_ENGINES_OWN = re.compile(r"/snakemake/|lib/python\d|site-packages")
_KEYWORD = re.compile(r"Keyword (\w+) is deprecated")
_MOST = 12


def dry_run_error(text: str, folders: Sequence[str], sources: Mapping[str, str]) -> Issue:
    """The error that a dry run ended with. ``sources``: the workflow's files, by their names in the first folder."""
    found = _first_error(text)
    said = _without(found or "\n".join(text.strip().splitlines()[-_MOST:]), folders)
    cited = place(said, sources)
    file, line = (cited.source, cited.line) if cited else _claimed(said, folders)
    if gone := _KEYWORD.search(said):
        # the line that is told is that of another keyword
        line = line_of(sources.get(file, ""), rf"^\s*{gone[1]}\b")
    lines = [each.strip() for each in said.splitlines() if each.strip() and not each.lstrip().startswith("File ")]
    return Issue(Severity.ERROR, file, line, _on_one_line(lines[:_MOST]), _advice(said), "snakemake")


def _on_one_line(lines: Sequence[str]) -> str:
    joined = "".join(f"{line}{' ' if line.endswith(':') else '; '}" for line in lines)
    # where it stands is told beside it
    return re.sub(
        r"(?: : None)?; $", "", re.sub(r' in (?:rule \w+ in )?file "[^"]*", line \d+', "", joined, count=1)
    ).strip()


def _first_error(text: str) -> str:
    """The first that Snakemake or Python tells of, its own lines alone; with the user's frame above it, if any.

    What follows it is told on the way out: traces of Snakemake's own code, and errors in its handling of this one.
    """
    found = _ERROR.search(text)
    if found is None:
        return ""
    frames = [each for each in _PLACE.finditer(text[: found.start()]) if each["from"]]
    own = [each for each in frames if not _ENGINES_OWN.search(each["from"])]
    where = f'\nFile "{own[-1]["from"]}", line {own[-1]["at"]}' if own else ""
    return found["kind"] + _OUT.split(found["rest"])[0].rstrip() + where


def _claimed(text: str, folders: Sequence[str]) -> tuple[str, int]:
    for found in _PLACE.finditer(text):
        file, line = found["file"] or found["from"], int(found["line"] or found["at"])
        if not _ENGINES_OWN.search(file):
            return _without(file, folders), line
    return "", 0


def _advice(said: str) -> str:
    for regex, do in _ADVICE:
        if re.search(regex, said):
            return do
    return ""


_ADVICE = (
    (r"^MissingInputException", "bring these files, correct the path, or add the rule that makes them"),
    (r"^AmbiguousRuleException", "say which comes first with ruleorder, or narrow the wildcards"),
    (r"^CyclicGraphException", "an output must not be made from itself: give it another name"),
    (r"^KeyError", "add the key to the configuration file, or correct its name"),
    (r"configfile .* not present", "make the file, or correct configfile:"),
    (r"Keyword \w+ is deprecated", "Snakemake 7 still took it; the line says what took its place"),
    (r"^(?:SyntaxError|TokenError|IndentationError)", "correct the line; a bracket or quote may be open above it"),
    (r"executor plugin|unrecognized arguments|invalid choice", "install the plugin that the profile asks for"),
)


def lints(text: str, folders: Sequence[str]) -> Iterator[Issue]:
    """The remarks of ``snakemake --lint``; its points about style in as many rules are one remark each."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    file, line, who = "", 0, ""
    for each in text.splitlines():
        if head := _LINT.match(each):
            file = _without(head["file"] or head["whole"], folders)
            line, who = int(head["line"] or 0), head["rule"] or ""
        elif (point := _POINT.match(each)) and file:
            what = re.sub(r" in line \d+\.?$", "", point["what"].rstrip(".:"))
            at = re.search(r" in line (\d+)", point["what"])
            found.setdefault(what, []).append((file, int(at[1]) if at else line, who))
    for what, places in found.items():
        rules = ", ".join(dict.fromkeys(who for _file, _line, who in places if who))
        said = f"{what} (rule{'s' if ',' in rules else ''} {rules})" if rules else what
        yield Issue(Severity.REMARK, places[0][0], places[0][1], said, "", "snakemake")


def asked(text: str, files: Mapping[str, tuple[str, int]]) -> tuple[Request, ...]:
    """What the tasks of a dry run ask for, by rule; equal ones once. ``files``: where each rule stands."""
    requests: dict[Request, None] = {}
    rule, threads = "", None
    for line in text.splitlines():
        if job := _JOB.match(line):
            rule, threads = job["rule"], None
        elif (entry := _ENTRY.match(line)) and rule:
            if entry["name"] == "threads":
                threads = int(entry["value"]) if entry["value"].isdigit() else None
            else:
                requests[_request(rule, threads, entry["value"], *files.get(rule, ("", 0)))] = None
                rule = ""
    return tuple(requests)


def _request(rule: str, threads: int | None, text: str, file: str, line: int) -> Request:
    said = dict(part.partition("=")[::2] for part in text.split(", "))
    cpus = said.get("cpus_per_task", "")
    gres = said.get("gres") or (f"gpu:{said['gpu']}" if said.get("gpu") else "")
    each = _number(said.get("mem_mb_per_cpu"))
    count = int(cpus) if cpus.isdigit() else threads
    return Request(
        f"rule {rule}",
        file,
        line,
        memory_mb=each * (count or 1) if each else _number(said.get("mem_mb")),
        time_min=_number(said.get("runtime")),
        cpus=count,
        partition=said.get("slurm_partition"),
        account=said.get("slurm_account"),
        qos=said.get("qos"),
        gpus=gpu_of(gres) if gres else None,
    )


def _number(text: str | None) -> float | None:
    return float(text) if text and _AMOUNT.fullmatch(text) else None


def _without(text: str, folders: Sequence[str]) -> str:
    for folder in folders:
        text = text.replace(f"{folder}/", "")
    return text


def submits_to_slurm(requests: tuple[Request, ...], profiles: Mapping[str, str]) -> bool:
    """Whether these tasks go to SLURM: a profile names its executor, or a rule a partition."""
    named = re.compile(r"^\s*executor\s*:\s*['\"]?slurm|sbatch", re.MULTILINE)
    return any(request.partition for request in requests) or any(named.search(text) for text in profiles.values())


def is_profile(name: str) -> bool:
    """Whether a file is a profile of Snakemake's, by its name."""
    path = PurePath(name)
    return bool(re.fullmatch(r"(?:profile|config)(?:\.v\d+\+)?\.yaml", path.name)) and (
        "profile" in path.parent.as_posix() or "profiles" in path.parts or path.name.startswith("profile")
    )
