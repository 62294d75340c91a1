"""Values that the word before them calls secret: settings, options, headers, addresses with credentials. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.assigned import names_apart
from heal.payload.commands import COMMANDS
from heal.payload.spans import Span, named_places, places
from heal.payload.values import NAME, REFERENCE, SIGN, secret_value

_VALUE = (
    r"(?:[rbfuRBFU]{0,2}(?:\\{1,7}\"(?P<e>[^\"\\\n]*)\\{1,7}\"|\"(?P<q>(?:[^\"\\\n]|\\.)*)\"?|'(?P<a>(?:[^'\\\n]|\\.)*)'?)"
    r"|(?P<p>[^\s\"'`][^\s\"'`]*))"
)
_QUOTED = r"(?:\"(?P<q>(?:[^\"\\\n]|\\.)*)\"|'(?P<a>(?:[^'\\\n]|\\.)*)')"
# YAML says of a value what it is made from, and by which name it is taken up again
TAG = r"(?:(?:!{1,2}(?:vault|str|binary)|&[\w-]{1,40})[ \t]{1,8})?"
_ASSIGNED = rf"(?i){NAME}\\{{0,7}}[\"'`]?[\])]?[ \t]{{0,40}}{SIGN}[ \t]{{0,40}}{TAG}{_VALUE}"
_RULES = (
    _ASSIGNED,
    # an option, as its own word before the value; setenv of csh, set of fish and Tcl; what a configuration is set to
    rf"(?im)(?:^[+\-]?|[\s\"'\[(,=])--?{NAME}(?:[\"']|,)?[ \t]{{1,8}}{_VALUE}",
    (
        r"(?im)(?:\b(?:setenv|prepend_path|pushenv|set(?:[ \t]{1,4}--?[a-z]{1,12}){1,3}"
        r"|(?:configure|config)[ \t]{1,4}set|git[ \t]{1,4}config(?:[ \t]{1,4}--?[a-z]{1,12}){0,3})|^[ \t+]{0,20}set)"
        rf"[ \t(]{{1,8}}[\"']?{NAME}[\"']?[ \t,]{{1,8}}{_VALUE}"
    ),
    # - name: DB_PASSWORD, value: …, as Kubernetes and its kin write it, and what is said of it between the two
    (
        rf"(?i)\b(?:name|key|property|variable)[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?{NAME}[\"']?,?"
        rf"(?:\s{{1,40}}[\"']?[\w:.\-]{{1,30}}[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"'][^\"'\n]{{0,80}}[\"'],?){{0,3}}"
        rf"\s{{0,40}}[\"']?\bvalue[\"']?\s{{0,8}}{SIGN}\s{{0,8}}{_VALUE}"
    ),
    rf"(?i)<(?:name|key)>\s{{0,8}}{NAME}\s{{0,8}}</(?:name|key)>\s{{0,40}}<(?:value|string)>(?P<p>[^<\n]+)</",
    rf"(?i)\bvalue=[\"'](?P<p>[^\"'\n]+)[\"'][^<>\n]{{0,60}}\b(?:name|key|id)=[\"']{NAME}[\"']",
    rf"(?i)\bvariable[ ]\"{NAME}\"\s{{0,4}}\{{[^{{}}]{{0,200}}?\bdefault\s{{0,8}}=\s{{0,8}}\"(?P<q>[^\"\n]+)\"",
    # what a shell takes where a variable is not set
    rf"(?i){NAME}=[\"']?\$\{{[A-Za-z0-9_]{{1,60}}:?[-=][\"']?(?P<p>[^}}\s\"'$]+)[\"']?\}}",
    rf"(?i)\$\{{{NAME}:?[-=][\"']?(?P<p>[^}}\s\"'$]+)[\"']?\}}",
    rf"(?i)[\"']{NAME}[\"'][ \t]{{1,8}}{_QUOTED}",
    # a call with name and value; a line of a configuration file that has no sign between them; an answer to a prompt
    rf"(?i)[\"']{NAME}[\"'],[ \t]{{0,8}}{_QUOTED}",
    rf"(?i)\b(?P<name>password|passphrase|passwd)[ \t]{{1,4}}{_QUOTED}",
    (
        r"(?im)^[ \t+]*(?P<name>(?:password|passwd|requirepass|masterauth|secret))[ \t]{1,20}"
        r"[\"']?(?P<p>[^\s\"';]+)[\"']?;?[ \t]*$"
    ),
    rf"(?i){NAME} for [^:\n]{{1,60}}:[ \t]{{1,4}}(?P<p>[^\s\"']+)",
    rf"(?i)<{NAME}(?:[ ][^<>\n]{{0,100}})?>\s{{0,4}}(?:<!\[CDATA\[)?(?P<p>[^<\n\]]+)(?:\]\]>)?\s{{0,4}}</",
    rf"(?i)<[a-z:]{{1,20}}[ ][^<>\n]{{0,60}}?(?:name|key)=[\"']{NAME}[\"'][^<>\n]{{0,60}}>(?P<p>[^<\n]+)</",
    # as an address and as HTML write a sign and a quotation mark
    rf"(?i){NAME}(?:%3D|&#61;|&#x3d;)(?P<p>[^\s\"'&]+)",
    rf"(?i){NAME}(?:&quot;|&#34;|&#39;)\s{{0,4}}[:=]\s{{0,4}}(?:&quot;|&#34;|&#39;)(?P<p>[^\s\"'&]+)",
    # what ends in pass is a compass, or the password of what its beginning names
    r"\b(?P<name>[A-Z][A-Z0-9]{0,15}PASS|[a-z]{1,12}Pass)[\"']?[ ]?[=:][ ]?[\"']?(?P<p>[^\s\"'`/$]{8,})",
    rf"(?i)\b{NAME}[ \t]{{1,4}}(?:is|was|of)[ \t]{{1,4}}[:=]?[ \t]{{0,4}}{_VALUE}",
)
# what stands here is secret as it is
_PLAIN = (
    *COMMANDS,
    ("url", r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://[^\s/:\"'<>]{0,100}:(?P<s>[^\s/\"'<>]+)@"),
    ("url", r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://[^\s/:\"'<>]{0,100}:(?P<s>[^\s@\"'<>]+)@[a-z0-9.\-]"),
    # whatever its signs: up to the last @ of the word
    ("url", r"://[^\s/:\"]{0,100}:(?P<s>[^\s\"]+)@"),
    ("url", r"(?i)\bhttps?://(?P<s>[A-Za-z0-9_\-.~%]{12,})@[a-z0-9]"),
    ("netrc", r"(?i)\blogin\s{1,20}\S+\s{1,20}(?:account\s{1,8}\S+\s{1,20})?password\s{1,20}(?P<s>\S+)"),
    ("netrc", r"(?i)\bmachine\s{1,20}\S+[^\n]{0,100}\spassword\s{1,20}(?P<s>\S+)"),
    (
        "pgpass",
        (
            r"(?m)(?:^|[\s\"'+\-])(?:[A-Za-z][\w.\-]*|\*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}):(?:[0-9]{4,5}|\*)"
            r":[^:\s\"']+:(?:[A-Za-z_][^:\s\"']*|\*):(?P<s>[^\s\"']+)"
        ),
    ),
    ("sql", r"(?i)\bidentified\s{1,8}by\s{1,8}(?:password\s{1,8})?'(?P<s>[^'\n]+)'"),
    (
        "sql",
        r"(?i)\bset\s{1,8}password(?:\s{1,8}for\s{1,8}\S{1,100})?\s{0,8}=\s{0,8}(?:password\s{0,4}\(\s{0,4})?'(?P<s>[^'\n]+)'",
    ),
    # a channel of conda that is opened by what its address says
    ("url", r"(?i)\bhttps?://(?:[a-z0-9\-]{1,60}\.)?anaconda\.(?:org|com|cloud)/t/(?P<s>[\w\-]{6,})/"),
    ("url", r"(?i)\bhttps?://[^\s/\"'<>]{1,100}/t/(?P<s>[a-z0-9]{24,})/"),
    ("docker", r"(?i)\"auth\"\s{0,8}:\s{0,8}\"(?P<s>[A-Za-z0-9+/=]{6,})\""),
)
# in an address no more than the name of a variable, or stars: a password may begin with any sign, and read like a word
_FIELD = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\{[A-Za-z0-9_]+\})|\*+")
_PORT = re.compile(r"\d{2,5}/")
_QUERY = re.compile(r"[&?][\w.-]+=|</|\\n")
_OPENED = {")": "(", "]": "[", "}": "{"}
_NESTED, _NEAR = 3, 41
# a call that goes on behind a blank or a string, an argument's name, a type before what a variable is set to
_CALLS = re.compile(r"\(*[A-Za-z_][\w.$]*(?:::\w+)?\((?:[\w.$\[\]]*[,=])?")
_CALLS_WITH = re.compile(r"\(*[A-Za-z_][\w.$]*(?:::\w+)?\([\w.$\[\],=]*|[A-Za-z_]\w*=")
_TYPED = re.compile(r"[A-Za-z_][\w.]{0,80}+(?:\[[^\]\n]{0,80}\])?[ \t]{0,40}+=[^=]")
# how a value is come by, before what it is made from
_TAGGED = re.compile(r"![A-Za-z][\w.:/-]*[ \t]+[^\s#]")
# an argument's name, apart from its sign
_NAMES_ONE = re.compile(r"[A-Za-z_][\w.]*\([A-Za-z_][\w.]*[ \t]+=")
# a variable that something is compared with; what goes on behind a string; the next name of a form that is empty
_EQUAL, _SIGNED, _VARIABLE = re.compile(r"[!=]==?[ \t]*\Z"), 12, re.compile(r"[A-Za-z_][A-Za-z_.]*(?:\(\))?[):;,]*")
_GOES_ON, _LINE = re.compile(r"[),;\]}]|[ ]+[+%.&|]|\.format"), 300
_TAKEN = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_SIGN_BEFORE = re.compile(r"[=:>-][ \t\"']*\Z")
_KEY_AFTER = re.compile(r"[A-Za-z_]+:")
_KEYED = re.compile(r"[\"'][ \t]*(?::|=>)")


def called_secret(text: str) -> Iterator[Span]:
    """The values that a name, an option, a header or an address gives away."""
    apart = names_apart(text)
    for rule in _RULES:
        yield from _settings(rule, text, apart)
    for kind, rule in _PLAIN:
        for start, end in places(rule, text, "s"):
            shown = _FIELD.fullmatch(text, start, end) or _PORT.match(text, start, end)
            if not (shown if kind == "url" else REFERENCE.match(text, start)):
                yield Span(start, end, kind)


def _settings(rule: str, text: str, apart: frozenset[int]) -> Iterator[Span]:
    """The values of one rule. A value may be a name itself (``TOKEN=password: x``): then its value follows."""
    for _ in range(_NESTED):
        parts: list[str] = []
        at = 0
        for name, group, begin, start, found_end in named_places(rule, text, "name", ("e", "q", "a", "p")):
            quoted = group != "p"
            end = start + _end_of(text[start:found_end], quoted=quoted)
            code = begin in apart or _is_code(text, name, start, found_end, quoted=quoted)
            if not code and secret_value(name, text[start:end], quoted=quoted):
                yield Span(start, end, "setting")
            parts += [text[at:begin], " " * (start - begin)]
            at = start
        if not at:
            return
        text = "".join([*parts, text[at:]])


def _is_code(text: str, name: str, start: int, end: int, *, quoted: bool) -> bool:
    """Whether it is a word of a program, and no value: a call, a type, a mapping's key, a variable of its name."""
    value = text[start:end]
    if quoted:
        # in its place: a copy of all before it, for each value, would make a long text wait
        keyed = text.endswith((', "', ", '", ',"', ",'"), max(0, start - 3), start) and _KEYED.match(text, end)
        return bool(keyed) or _after_string(text, start, value)
    if _compared(text, start, value) or _empty(text, start, value) or text.startswith(f" [{value}", end):
        return True
    called = _CALLS_WITH if text[end : end + 1] in ("'", '"') else _CALLS
    typed = text[max(0, start - _NEAR) : start].rstrip().endswith(":") and _TYPED.match(text, start)
    # a process of Nextflow says which secrets it takes by their names
    if name == "secret" and _TAKEN.fullmatch(value) and not _SIGN_BEFORE.search(text, max(0, start - _SIGNED), start):
        return True
    own = value.rstrip(",;:)") == name.rpartition(".")[2].lstrip("-")
    typed = typed or _NAMES_ONE.match(text, start)
    return own or bool(typed) or _TAGGED.match(text, start) is not None or called.fullmatch(value) is not None


def _compared(text: str, start: int, value: str) -> bool:
    """Whether a program compares it with a variable of its own: a word without a number."""
    return _EQUAL.search(text, max(0, start - _SIGNED), start) is not None and _VARIABLE.fullmatch(value) is not None


def _empty(text: str, start: int, value: str) -> bool:
    """Whether it is the next name of a form, apart from the first as columns are."""
    return _KEY_AFTER.fullmatch(value) is not None and text[max(0, start - 2) : start].isspace()


def _after_string(text: str, start: int, value: str) -> bool:
    """Whether the quotation mark before it ends a string, in which the name stands: what follows is the program's."""
    if not _GOES_ON.match(value):
        return False
    begun = max(text.rfind("\n", max(0, start - _LINE), start), start - _LINE) + 1
    return text.count(text[start - 1], max(0, begun), start - 1) % 2 == 1


def _end_of(value: str, *, quoted: bool) -> int:
    """How much of what was found is the value: without what closes around it and what follows in an address."""
    if quoted:
        return len(value)
    cut = _QUERY.search(value)
    value = value[: cut.start()] if cut and cut.start() else value
    while value and (
        value[-1] in ",;>\\" or (value[-1] in _OPENED and value.count(value[-1]) > value.count(_OPENED[value[-1]]))
    ):
        value = value[:-1]
    return len(value)
