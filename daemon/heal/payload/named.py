"""Values that the word before them calls secret: settings, options, headers, addresses with credentials. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.commands import COMMANDS
from heal.payload.spans import Span, named_places, places

# part of a name that says its value is secret, whatever the name
_SURE = (
    r"passw(?:or)?d|passwd|pass_?-?phrase|pwd|secret|credential|api_?-?key|access_?-?key|private_?-?key|secret_?-?key"
    r"|encryption_?-?key|signing_?-?key|auth_?-?key|account_?-?key|shared_?-?key|storage_?-?key|licen[cs]e_?-?key"
    r"|master_?-?key|service_?-?key|app_?-?key|key-data|identity_?token|kennwort|passwort|passcode"
    r"|mot[_ ]?de[_ ]?passe|contrase(?:ñ|n)?"
    r"|consumer_?-?key|deploy_?-?key|webhook_?-?url|connection_?-?string|session_?-?id|sessid|csrf|x-amz-signature"
    r"|x-amz-credential|x-goog-signature|x-goog-credential|aws_?access_?key_?id"
)
# part of a name that may also be about words of a text, or a place to look something up
_UNSURE = (
    r"token|[_-]pat\b|\bpw\b|[_.-]pw\b|[_.-]pass\b|\bpass\b|\bauth\b|_auth\b|\bcreds?\b|_creds?\b|[_.-]key\b|apitoken"
    # of a user or a service: a compass is one, too, and so is the first pass of an aligner
    r"|(?:ssh|pg|my|db|sql|user|usr|ftp|smtp|imap|mail|root|admin|http|ldap|proxy|key|store|login|svc|service|vnc|rpc)"
    r"[_-]?pass(?:[0-9]{1,3}|\b)"
)
NAME = rf"(?P<name>[A-Za-z0-9_.\-]{{0,60}}(?:{_SURE}|{_UNSURE})[A-Za-z0-9_.\-]{{0,30}})"
_VALUE = (
    r"(?:[rbfuRBFU]{0,2}(?:\\\"(?P<e>[^\"\\\n]*)\\\"|\"(?P<q>(?:[^\"\\\n]|\\.)*)\"?|'(?P<a>(?:[^'\\\n]|\\.)*)'?)"
    r"|(?P<p>[^\s\"'`][^\s\"'`]*))"
)
SIGN = r"(?:===?|!==?|=>|:=|<-|=|:)"
_QUOTED = r"(?:\"(?P<q>(?:[^\"\\\n]|\\.)*)\"|'(?P<a>(?:[^'\\\n]|\\.)*)')"
_ASSIGNED = rf"(?i){NAME}\\?[\"']?[\])]?[ \t]{{0,40}}{SIGN}[ \t]{{0,40}}{_VALUE}"
_RULES = (
    _ASSIGNED,
    # an option, as its own word before the value; setenv of csh, set of fish and Tcl; what a configuration is set to
    rf"(?im)(?:^[+\-]?|[\s\"'\[(,=])--?{NAME}[\"']?,?[ \t]{{1,8}}{_VALUE}",
    (
        r"(?im)(?:\b(?:setenv|prepend_path|pushenv|set(?:[ \t]{1,4}--?[a-z]{1,12}){1,3}"
        r"|(?:configure|config)[ \t]{1,4}set|git[ \t]{1,4}config(?:[ \t]{1,4}--?[a-z]{1,12}){0,3})|^[ \t+]{0,20}set)"
        rf"[ \t(]{{1,8}}[\"']?{NAME}[\"']?[ \t,]{{1,8}}{_VALUE}"
    ),
    # - name: DB_PASSWORD, value: …, as Kubernetes and its kin write it
    rf"(?i)\bname[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?{NAME}[\"']?,?\s{{1,40}}[\"']?value[\"']?\s{{0,8}}{SIGN}\s{{0,8}}{_VALUE}",
    # a call with name and value; a line of a configuration file that has no sign between them; an answer to a prompt
    rf"(?i)[\"']{NAME}[\"'],[ \t]{{0,8}}{_QUOTED}",
    rf"(?i)\b(?P<name>password|passphrase|passwd)[ \t]{{1,4}}{_QUOTED}",
    (
        r"(?im)^[ \t+]*(?P<name>(?:password|passwd|requirepass|masterauth|secret))[ \t]{1,20}"
        r"[\"']?(?P<p>[^\s\"';]+)[\"']?;?[ \t]*$"
    ),
    rf"(?i){NAME} for [^:\n]{{1,60}}:[ \t]{{1,4}}(?P<p>[^\s\"']+)",
    rf"(?i)<{NAME}>(?P<p>[^<\n]+)</",
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
    ("docker", r"(?i)\"auth\"\s{0,8}:\s{0,8}\"(?P<s>[A-Za-z0-9+/=]{6,})\""),
)
_PASS = re.compile(_SURE, re.IGNORECASE)
_OF_TEXT = re.compile(
    r"token(?:s|iz|ise|_?(?:count|len|limit|type|id\b|ids|budget))|max_?tok|(?:^|[^a-z])key(?:s|word)|num_",
    re.IGNORECASE,
)
# what programs say in place of a value, or after the word itself
_NOTHING = re.compile(
    r"none|null|nil|na|true|false|yes|no|on|off|undefined|string|str|int|bool|float|object|any|bytes|required|optional|empty|env|default|ask"
    r"|hidden|redacted|xxx|changeme|todo|auto|never|always|not|invalid|missing|wrong|expired|incorrect|expected|of|is"
    r"|was|for|the|a|an|in|to|and|or|error|failed|denied|rejected|unset|set|provided|given",
    re.IGNORECASE,
)
_CALL = re.compile(r"[A-Za-z_][\w.]*(?:::\w+)?(?:\(|\[|\(.*\)[\w.()\[\]]*|\[.*\][\w.()\[\]]*|\)[\w.()]*)[,;:)]*")
_ATTRIBUTE = re.compile(
    r"(?:self|args|config|params|task|os|opt|options|cfg|settings|env|secrets|this|cls|snakemake|workflow|process)\.[A-Za-z_][\w.]*[,;:)]*"
)
# a way to have it: from a file, the environment, an open file
_REFERENCE = re.compile(r"[$%{<@&*]|(?:file|env|fd|stdin):|--|\\?\$|\{\{|\.\.\.|…|\*{3}")
# in an address no more than the name of a variable, or stars: a password may begin with any sign, and read like a word
_FIELD = re.compile(r"\$(?:[A-Z_][A-Z0-9_]*|\{[A-Za-z0-9_]+\})|\*+")
# an exception's class, an option that turns something off
_NO_NAME = re.compile(r"(?:error|exception|warning|failure|notfound)$|^-*no-|askpass", re.IGNORECASE)
# the working folder, where it is one
_FOLDER = re.compile(r"^-*(?:old|my)?pwd$", re.IGNORECASE)
_PLACE = re.compile(r"^[.(]|[/\\~]")
# of several that open something, or of a number of them
_PLURAL = re.compile(r"^(?:(?:api|access|auth|bearer|refresh)[_-]?)?tokens$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{0,7}[.,]?\d{1,7}")
_MEASURE = re.compile(r"\d[\d.,_]*[A-Za-z/]{0,12}")
_STARS = re.compile(r"[*.xX•#_-]+")
_QUERY = re.compile(r"[&?][\w.-]+=|</|\\n")
_OPENED = {")": "(", "]": "[", "}": "{"}
_SHORT, _CHOSEN, _ID, _NESTED = 3, 6, 8, 3


def called_secret(text: str) -> Iterator[Span]:
    """The values that a name, an option, a header or an address gives away."""
    for rule in _RULES:
        yield from _settings(rule, text)
    for kind, rule in _PLAIN:
        for start, end in places(rule, text, "s"):
            if not (_FIELD.fullmatch(text, start, end) if kind == "url" else _REFERENCE.match(text, start)):
                yield Span(start, end, kind)


def _settings(rule: str, text: str) -> Iterator[Span]:
    """The values of one rule. A value may be a name itself (``TOKEN=password: x``): then its value follows."""
    for _ in range(_NESTED):
        parts: list[str] = []
        at = 0
        for name, group, begin, start, found_end in named_places(rule, text, "name", ("e", "q", "a", "p")):
            quoted = group != "p"
            end = start + _end_of(text[start:found_end], quoted=quoted)
            if secret_value(name, text[start:end], quoted=quoted):
                yield Span(start, end, "setting")
            parts += [text[at:begin], " " * (start - begin)]
            at = start
        if not at:
            return
        text = "".join([*parts, text[at:]])


def secret_value(name: str, value: str, *, quoted: bool) -> bool:
    """Whether a value of this name is to be hidden: not where it only says where the secret comes from."""
    bare = value.strip("\"'` ,;")
    if (
        _NO_NAME.search(name)
        or not bare
        or _NOTHING.fullmatch(bare.rstrip(".:)}]"))
        or _STARS.fullmatch(bare)
        or _REFERENCE.match(value)
        or not bare.strip("[](){}")
    ):
        return False
    if not quoted and (_CALL.fullmatch(value) or _ATTRIBUTE.fullmatch(value)):
        return False
    if _FOLDER.search(name):
        return len(bare) >= _CHOSEN and not _PLACE.search(bare) and (quoted or not bare.isalpha())
    if _PLURAL.search(name):
        return _mixed(bare)
    return _PASS.search(name) is not None or (_OF_TEXT.search(name) is None and _no_word(name, bare, quoted=quoted))


def _no_word(name: str, bare: str, *, quoted: bool) -> bool:
    # of a token or a key, not every word or number that follows it: tokens are read, keys are sorted by
    if _NUMBER.fullmatch(bare) and len(bare) < _ID:
        return False
    plain = bare.isalpha() or bare.replace("_", "").replace("-", "").replace(".", "").isalpha()
    return len(bare) >= _SHORT and (not plain or (quoted and len(bare) >= _ID and "token" in name.lower()))


def _mixed(bare: str) -> bool:
    """Whether it is neither a word nor a number, a measure or a place: letters and digits of a length."""
    signs = bare.replace("_", "").replace("-", "")
    both = any(sign.isalpha() for sign in signs) and any(sign.isdigit() for sign in signs)
    return len(bare) >= _ID and both and signs.isalnum() and not _MEASURE.fullmatch(bare)


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
