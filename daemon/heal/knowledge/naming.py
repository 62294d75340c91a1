"""What a line of a log names: paths, programs, modules, libraries and the like, by quotes, shape and the words around.

Every regex here is bounded, and only the beginning of a long line is read: no text makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_CLIP = 2000
_MOST = 12
_SPACES_IN_A_PATH = 4


class Kind(StrEnum):
    """What sort of thing a line names."""

    PATH = "path"
    PROGRAM = "program"
    MODULE = "module"
    LIBRARY = "library"
    OPTION = "option"
    HOST = "host"
    URL = "url"
    IMAGE = "image"
    COLUMN = "column"
    VARIABLE = "variable"


class Part(StrEnum):
    """The part a named thing plays for a task."""

    INPUT = "input"
    OUTPUT = "output"
    PROGRAM = "program"
    LIBRARY = "library"
    SCRATCH = "scratch"
    SETTING = "setting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that a line names, as it is spelled there, and the part it plays where that is known."""

    kind: Kind
    text: str
    part: Part = Part.UNKNOWN


_Q = "'\"`\u2018\u2019\u201c\u201d"
_QUOTED = f"[{_Q}](?P<n>[^{_Q}\n]{{1,400}})[{_Q}]"
_WORD = f"[^\\s:;,{_Q}()<>|]{{1,400}}"
# what the system says of a path, after it
_SAID_OF_ANY = r"(?:no such file|permission denied|is a directory|not a directory|file exists|does(?: not|n't) exist)"
_SAID = (
    r"(?:no such file|permission denied|is a directory|not a directory|stale file handle|input/output error"
    r"|file exists|no space left|disk quota exceeded|read-only file system|text file busy|operation not permitted"
    r"|file name too long|transport endpoint|unexpected end of file|not in gzip format|too many (?:levels|open)"
    r"|exec format error|does(?: not|n't) exist|required file not found|cannot (?:open|stat)\b|failed$)"
)
_OPENING = (
    r"\b(?:open|read|access|find|stat(?:ing)?\b|create|load|locate|writ(?:e|ing)|remove|file\(?s?\)?|director(?:y|ies)"
    r"|folder|touch|path|target|chdir|fopen|exist)\w{0,4}(?: \w{1,20}){0,3}[:=(]{0,2} ?"
)
_NAMELIKE = r"(?:[^\s:'\"]{0,200}/[^\s:'\"]{0,200}|[^\s:'\"/]{1,200}\.[A-Za-z]\w{0,7})"
_EXTENSIONS = (
    "fa|fasta|fna|faa|fq|fastq|bam|cram|sam|bai|crai|csi|tbi|fai|dict|vcf|bcf|bed|gtf|gff|gff3|maf|bw|bigwig|csv|tsv|txt"
    "|gz|bgz|bz2|xz|zst|zip|tar|tgz|h5|hdf5|h5ad|loom|nc|npy|npz|rds|RData|rda|parquet|feather|json|jsonl|ya?ml|toml|ini"
    "|cfg|conf|config|xml|html?|pdf|png|svg|py|pyc|R|r|Rmd|sh|bash|pl|jl|nf|smk|jar|so|log|out|err|md5|sha256|db|sqlite"
    "|pkl|pt|pth|ckpt|chk|cpt|tmp|bin|dat|sif|img|sbatch|slurm|list|fam|bim|pgen|pvar|psam|mtx|ipynb|lock"
)

# most telling first: what a cue has taken is not read again by shape
_CUES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        Kind.IMAGE,
        (
            r"\bdocker://(?P<n>[^\s'\"<>]{1,300})",
            r"\bmanifest for (?P<n>\S{1,300}) not found|\bpull access denied for (?P<m>[^\s,]{1,300})",
            r"(?P<n>[\w./:@-]{1,300}): image not known|\breading manifest \S{1,200} in (?P<m>\S{1,300}): ",
            f"(?i)find image {_QUOTED}",
        ),
    ),
    (
        Kind.HOST,
        (
            (
                r"(?i)\b(?:resolve host(?:name| address)?|connect to host|failed to connect to)[: ]{1,2}['\"\u2018]?"
                r"(?P<n>[\w.-]{1,255})"
            ),
            r"\bhost='(?P<n>[\w.-]{1,255})'|\bUnknownHostException: (?P<m>[\w.-]{1,255})",
            r"\blookup (?P<n>[\w.-]{1,255})(?: on\b|:)",
        ),
    ),
    (Kind.URL, (r"\b[a-z][a-z0-9+]{1,9}://[^\s'\"<>)\]]{1,1000}",)),
    (
        Kind.LIBRARY,
        (
            r"loading shared libraries: (?P<n>[^\s:]{1,300})",
            r"(?P<n>[^\s:'\"(]{1,300}\.so[.\d]{0,20}): (?:cannot open shared|version|undefined symbol|wrong ELF)",
            r"fatal error: (?P<n>[^\s:]{1,300}): No such file",
        ),
    ),
    (
        Kind.MODULE,
        (
            r"\bNo module named [\"']?(?P<n>[\w.-]{1,200})",
            f"(?:there is no package called|a modulefile for) {_QUOTED}",
            r"Can't locate (?P<n>[\w/:]{1,200}\.p[ml])\b",
            r"\bcannot import name '[^']{1,200}' from '(?P<n>[\w.]{1,200})'|\bmodule '(?P<m>[\w.]{1,200})' has no",
            r"(?:ClassNotFoundException|NoClassDefFoundError): (?P<n>[\w./$]{1,300})",
        ),
    ),
    (
        Kind.PROGRAM,
        (
            r"(?P<n>[^\s:'\"]{1,300}): command not found|\bcommand not found: (?P<m>\S{1,300})",
            r"\b\d{1,6}: (?P<n>[^\s:]{1,300}): not found|\bwhich: no (?P<m>\S{1,300}) in ",
            f"\\benv: [{_Q}]?(?P<n>[^\\s:{_Q}]{{1,300}})[{_Q}]?: No such file",
            f"(?i)(?:exec(?:utable)?(?: file)?|run program|fork/exec):? {_QUOTED}",
            r"(?P<n>[^\s:]{1,300}): (?P<m>[^\s:]{1,300}): bad interpreter|fork/exec (?P<o>/[^\s:]{1,300})(?=:)",
            r"(?P<n>[^\s:]{1,300}): cannot execute",
        ),
    ),
    (
        Kind.VARIABLE,
        (
            r"\b(?P<n>\w{1,100}): unbound variable|\bname '(?P<m>\w{1,100})' is not defined",
            f"\\bobject {_QUOTED} not found",
        ),
    ),
    (
        Kind.COLUMN,
        (
            r"\bKeyError: ['\"](?P<n>[^'\"\n]{1,200})['\"]|\bno such column: (?P<m>\S{1,200})",
            f"(?i)\\b(?:column|field)s? {_QUOTED}",
            r"\[['\"](?P<n>[^'\"\n]{1,200})['\"][^\]\n]{0,300}\] not (?:in|found)",
        ),
    ),
    (
        Kind.OPTION,
        (
            (
                r"(?i)\b(?:unrecogni[sz]ed|unknown|invalid|illegal|unexpected|ambiguous|no such) "
                r"(?:option|argument|flag)s?(?: --)?[: ]{1,3}['\"`\u2018]?(?P<n>-{0,2}[\w-]{1,100})"
            ),
        ),
    ),
    (
        Kind.PATH,
        (
            # two names where one file was to become another
            (
                r"\[Errno \d{1,3}\] [^:'\"]{1,80}: ['\"](?P<n>[^'\"\n]{1,400})['\"]"
                r"(?: -> ['\"](?P<m>[^'\"\n]{1,400})['\"])?"
            ),
            r"FileNotFoundException: (?P<n>[^(\n]{1,400}?) \((?:No such|Permission|Is a|Too many)",
            r"(?:NoSuchFile|AccessDenied|FileAlreadyExists|NotDirectory)Exception: (?P<n>[^\n]{1,400})$",
            r"(?i)unable to (?:access jarfile|open file) (?P<n>[^\s:'\"]{1,400})",
            r"^\s{0,40}(?P<n>\S[^(\n]{0,400}?) \(missing locally",
            f"(?i){_QUOTED}\\s?[):]{{0,3}}\\s{{0,2}}{_SAID}",
            f"(?i){_OPENING}{_QUOTED}",
            f"(?i)(?:^|: |\\s)(?P<n>{_NAMELIKE}): (?:cannot \\w{{1,12}}: )?{_SAID}",
            f"(?i)(?:^|: )(?P<n>{_WORD}): {_SAID_OF_ANY}",
            # a name with spaces, without what is said to have failed with it
            (
                r"(?i): (?:(?:cannot|can not|could not|failed to|unable to) \w{1,12} )?"
                r"(?!(?:cannot|can|could|failed|unable) )"
                r"(?P<n>(?:[\w.+@-]{1,100}[ /]){1,8}[\w.+@-]{1,100}\.\w{1,8}): (?:cannot \w{1,12}: )?" + _SAID
            ),
            f"(?i)(?:no such file(?: or directory)?|does not exist|not found|missing file): ['\"]?(?P<n>{_NAMELIKE})",
        ),
    ),
)
_COMPILED = tuple((kind, re.compile(regex)) for kind, regexes in _CUES for regex in regexes)
_TAKEN_OUT = (Kind.URL, Kind.IMAGE, Kind.OPTION)
_LINKED = re.compile(r"cannot find -l(?P<n>[\w.+-]{1,200})")
# where in a source the error was raised: a place, not a thing that is missing
_PLACES = re.compile(
    r"(?i)\bfile [\"'](?P<n>[^\"'\n]{1,400})[\"'], line (?P<l>\d{1,7})|^(?:[^\s:]{1,300}: )?(?P<m>[^\s:]{1,300}): "
    r"line (?P<k>\d{1,7}):"
)
_ANY_QUOTED = re.compile(_QUOTED)
_BARE = re.compile(
    r"(?<![\w./~$-])(?:(?:~|\.{1,2})?/[\w.@+=,%/-]{1,400}|[\w.@+=-]{1,200}/[\w.@+=,%/-]{0,400}\.[A-Za-z]\w{0,7}"
    rf"|[\w@+=-][\w.@+=-]{{0,200}}\.(?:{_EXTENSIONS}))(?![\w/])"
)
_LOOKS_LIKE_ONE = re.compile(r"/|[^\s./]\.[A-Za-z]\w{0,7}$|^\*")
_KNOWN = re.compile(rf"\.(?:{_EXTENSIONS})$")
# a member of a library, not a file
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}$|(?:np|pd|numpy|pandas|java|org|com|os|sys)\.\w")
# what stands before a reason without being a file: the kind of trouble, a stream, a limit
_NO_FILE = re.compile(
    r"(?i:error|failed|std(?:in|out|err)|interpreter|warning|fatal|file|directory|\w*exception)$|[A-Z_]+$"
)
# who says it, and where a program looks for its parts
_SPEAKER = re.compile(r"^[\w./-]{1,200}: error: |^/(?:usr/)?bin/(?!env\b)\w+: |\(?@INC contains:.*")


def named(line: str) -> tuple[Named, ...]:
    """What the line names, the most telling first; at most a dozen. Never raises, whatever the text."""
    found: dict[str, Named] = {}
    for kind, text in _read(line[:_CLIP]):
        clean = text.strip().rstrip(".,;:)") or text.strip()
        # a shape within what a cue has told is that thing again
        if clean and "\0" not in clean and not any(clean in known for known in found):
            found[clean] = Named(kind, clean)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def places(line: str) -> tuple[tuple[str, int], ...]:
    """The source files with their line numbers where the line says that an error was raised."""
    return tuple((got["n"] or got["m"], int(got["l"] or got["k"])) for got in _PLACES.finditer(line[:_CLIP]))


def _read(line: str) -> Iterator[tuple[Kind, str]]:
    line = _PLACES.sub(": ", _SPEAKER.sub("", line))
    for got in _LINKED.finditer(line):
        yield Kind.LIBRARY, f"lib{got['n']}.so"
    for kind, regex in _COMPILED:
        for got in regex.finditer(line):
            told = [text for text in got.groupdict().values() if text] or [got[0]]
            yield from ((kind, text) for text in told if kind is not Kind.PATH or _may_be_path(text))
        if kind in _TAKEN_OUT:
            line = regex.sub(" ", line)
    yield from ((Kind.PATH, text) for text in _by_shape(line) if _may_be_path(text))


def _by_shape(line: str) -> Iterator[str]:
    yield from (got["n"] for got in _ANY_QUOTED.finditer(line) if _LOOKS_LIKE_ONE.search(got["n"]))
    yield from (got[0] for got in _BARE.finditer(_ANY_QUOTED.sub("''", line)))


def _may_be_path(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= _SPACES_IN_A_PATH + 1
        and (len(words) == 1 or bool(_LOOKS_LIKE_ONE.search(text)))
        and any(letter.isalnum() for letter in text)
        and not text.startswith(("-", "<", "$(", "["))
        and not any(mark in text for mark in ("\n", ":", "{", "}", ";"))
        and not _NO_FILE.match(text)
        and (bool(_KNOWN.search(text)) or not _DOTTED.match(text))
    )
