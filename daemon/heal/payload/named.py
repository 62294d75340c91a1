"""Values that the word before them calls secret: settings, options, headers, addresses with credentials. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.spans import Span, named_places, places

# part of a name that says its value is secret, whatever the name
_SURE = (
    r"passw(?:or)?d|passwd|pass_?-?phrase|pwd|secret|credential|api_?-?key|access_?-?key|private_?-?key|secret_?-?key"
    r"|encryption_?-?key|signing_?-?key|auth_?-?key|account_?-?key|shared_?-?key|storage_?-?key|licen[cs]e_?-?key"
    r"|master_?-?key|service_?-?key|app_?-?key|key-data|identity_?token|kennwort|passwort|mot_?de_?passe|contrase"
    r"|consumer_?-?key|deploy_?-?key|webhook_?-?url|connection_?-?string|session_?-?id|sessid|csrf|x-amz-signature"
    r"|x-amz-credential|x-goog-signature|x-goog-credential|aws_?access_?key_?id"
)
# part of a name that may also be about words of a text, or a place to look something up
_UNSURE = r"token|[_-]pat\b|[_.-]pw\b|[_.-]pass\b|\bpass\b|\bauth\b|_auth\b|\bcreds?\b|_creds?\b|[_.-]key\b|apitoken"
_NAME = rf"(?P<name>[A-Za-z0-9_.\-]{{0,60}}(?:{_SURE}|{_UNSURE})[A-Za-z0-9_.\-]{{0,30}})"
_VALUE = (
    r"(?:[rbfuRBFU]{0,2}(?:\\\"(?P<e>[^\"\\\n]*)\\\"|\"(?P<q>(?:[^\"\\\n]|\\.)*)\"?|'(?P<a>(?:[^'\\\n]|\\.)*)'?)"
    r"|(?P<p>[^\s\"'`][^\s\"'`]*))"
)
_SIGN = r"(?:===?|!==?|=>|:=|<-|=|:)"
_ASSIGNED = rf"(?i){_NAME}\\?[\"']?[\])]?[ \t]{{0,40}}{_SIGN}[ \t]{{0,40}}{_VALUE}"
_RULES = (
    _ASSIGNED,
    # an option, as its own word before the value; setenv of csh; a call with name and value
    rf"(?im)(?:^[+\-]?|[\s\"'\[(,=])--?{_NAME}[\"']?,?[ \t]{{1,8}}{_VALUE}",
    rf"(?i)\b(?:setenv|prepend_path|pushenv)[ \t(]{{1,8}}[\"']?{_NAME}[\"']?[ \t,]{{1,8}}{_VALUE}",
    # - name: DB_PASSWORD, value: …, as Kubernetes and its kin write it
    rf"(?i)\bname[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"']?{_NAME}[\"']?,?\s{{1,40}}[\"']?value[\"']?\s{{0,8}}{_SIGN}\s{{0,8}}{_VALUE}",
    # a YAML block, and a value on the line below
    rf"(?i){_NAME}[\"']?[ \t]{{0,8}}:[ \t]{{0,8}}(?:[|>][+-]?[0-9]?)?[ \t]{{0,8}}\r?\n[ \t]{{1,40}}{_VALUE}",
    # a call with name and value; a line of a configuration file that has no sign between them; an answer to a prompt
    rf"(?i)[\"']{_NAME}[\"'],[ \t]{{0,8}}(?:\"(?P<q>(?:[^\"\\\n]|\\.)*)\"|'(?P<a>(?:[^'\\\n]|\\.)*)')",
    (
        r"(?im)^[ \t+]*(?P<name>(?:password|passwd|requirepass|masterauth|secret))[ \t]{1,20}"
        r"[\"']?(?P<p>[^\s\"';]+)[\"']?;?[ \t]*$"
    ),
    rf"(?i){_NAME} for [^:\n]{{1,60}}:[ \t]{{1,4}}(?P<p>[^\s\"']+)",
    rf"(?i)<{_NAME}>(?P<p>[^<\n]+)</",
    rf"(?i)\b{_NAME}[ \t]{{1,4}}(?:is|was|of)[ \t]{{1,4}}[:=]?[ \t]{{0,4}}{_VALUE}",
)
# what stands here is secret as it is
_PLAIN = (
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
    ("option", r"(?:^|[\s\"'(])(?:-u|--user|--proxy-user)[ =]{1,4}[\"']?[^\s:\"']{1,64}:(?P<s>[^\s\"']+)"),
    ("option", r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;]{0,300}?\s-p(?P<s>[^\s\"']{3,})"),
    (
        "option",
        (
            r"\b(?:sshpass|docker login|podman login|singularity remote login|smbclient|ldapsearch|kinit)\b"
            r"[^\n|;]{0,200}?\s-(?:p|w)[ =]?[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"
        ),
    ),
    ("option", r"\b(?:zip|7z|7za|unzip|unrar)\b[^\n|;]{0,200}?\s-[pP][ ]?[\"']?(?P<s>[^\s\"'\-][^\s\"']{2,})"),
    ("option", r"\blogin\b[^\n|;]{0,200}?\s-p[ =]{1,4}[\"']?(?P<s>[^\s\"'\-][^\s\"']*)"),
    ("option", r"\blftp\b[^\n|;]{0,100}?\s-u[ ]{1,4}[^,\s]{1,64},(?P<s>[^\s\"']+)"),
    ("ftp", r"(?m)> ?PASS (?P<s>[^\s]+)\r?$"),
    ("option", r"\s-pass(?:in|out)?[ ]{1,4}[\"']?pass:(?P<s>[^\s\"']+)"),
    ("sql", r"(?i)\bidentified\s{1,8}by\s{1,8}(?:password\s{1,8})?'(?P<s>[^'\n]+)'"),
    ("docker", r"(?i)\"auth\"\s{0,8}:\s{0,8}\"(?P<s>[A-Za-z0-9+/=]{6,})\""),
    (
        "echoed",
        r"(?i)\becho\s{1,4}[\"']?(?P<s>[^\s\"'$|]{6,})[\"']?\s{0,4}\|\s{0,4}(?:sudo|docker|podman|helm|gh|passwd|kinit)\b",
    ),
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
# the working folder, an exception's class, an option that turns something off
_NO_NAME = re.compile(r"^-*(?:old|my)?pwd$|(?:error|exception|warning|failure|notfound)$|^-*no-|askpass", re.IGNORECASE)
_STARS = re.compile(r"[*.xX•#_-]+")
_QUERY = re.compile(r"[&?][\w.-]+=|</|\\n")
_OPENED = {")": "(", "]": "[", "}": "{"}
_SHORT, _ID, _NESTED = 3, 8, 3


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
    ):
        return False
    if not quoted and (_CALL.fullmatch(value) or _ATTRIBUTE.fullmatch(value)):
        return False
    if _PASS.search(name):
        return True
    if _OF_TEXT.search(name):
        return False
    # of a token or a key, not every word or number that follows it: tokens are read, keys are sorted by
    if bare.isdigit() and len(bare) < _ID:
        return False
    plain = bare.isalpha() or bare.replace("_", "").replace("-", "").replace(".", "").isalpha()
    return len(bare) >= _SHORT and (not plain or (quoted and len(bare) >= _ID and "token" in name.lower()))


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
