"""Which names call their value secret, and which values of such names are none. Pure."""

from __future__ import annotations

import re

# part of a name that says its value is secret, whatever the name
_SURE = (
    r"passw(?:or)?d|passwd|passwrd|pasword|pass_word|pswd|pass[ _-]?phrase|"
    r"pwd|secret|credential|api_?-?key|access_?-?key|private_?-?key|secret_?-?key"
    r"|encryption_?-?key|signing_?-?key|auth_?-?key|account_?-?key|shared_?-?key|storage_?-?key|licen[cs]e_?-?key"
    r"|master_?-?key|service_?-?key|app_?-?key|seed_?-?phrase|key-data|identity_?token|kennwort|passwort|passcode"
    r"|mot[_ ]?de[_ ]?passe|contrase(?:ñ|n)?|wachtwoord|senha"
    r"|consumer_?-?key|pre_?-?shared_?-?key|licen[cs]e_?code|activation_?(?:key|code)|deploy_?-?key|webhook_?-?url|connection_?-?string|session_?-?id|sessid|csrf|x-amz-signature"
    r"|x-amz-credential|x-goog-signature|x-goog-credential|aws_?access_?key_?id"
)
# part of a name that may also be about words of a text, or a place to look something up
_UNSURE = (
    r"token|\bjwt\b|_jwt\b|[_-]pat\b|\bpw\b|[_.-]pw\b|(?:bind|root|user|db|sql|my|mail|admin)pw\b|\bpassw\b|\bpsw\b|\bpsk\b|_psk\b|[_.-]pass\b|\bpass\b|\bauth\b|_auth\b|\bcreds?\b|_creds?\b|[_.-]key\b|apitoken"
    # of a user or a service: a compass is one, too, and so is the first pass of an aligner
    r"|(?:ssh|pg|my|db|sql|user|usr|ftp|smtp|imap|mail|root|admin|http|ldap|proxy|key|store|login|svc|service|vnc|rpc"
    r"|storage|dbd|comp|identity)"
    r"[_-]?pass(?:[0-9]{1,3}|\b)"
)
NAME = rf"(?P<name>[A-Za-z0-9_.\-]{{0,60}}(?:{_SURE}|{_UNSURE})[A-Za-z0-9_.\-]{{0,30}})"
# a whole name, as code writes it
NAMED = re.compile(rf"(?i)[$@]?{NAME}")
SIGN = r"(?:→|===?|!==?|=>|:=|<-|=|:)"
_PASS = re.compile(_SURE, re.IGNORECASE)
_OF_TEXT = re.compile(
    r"token(?:s|iz|ise|_?(?:count|len|limit|type|id\b|ids|budget))|max_?tok|(?:^|[^a-z])key(?:s|word)|num_",
    re.IGNORECASE,
)
# what programs say in place of a value, or after the word itself
_NOTHING = re.compile(
    r"none|null|nil|na|true|false|yes|no|on|off|undefined|string|str|int|bool|float|object|any|bytes|required|optional|empty|env|default|ask"
    r"|secretstr|secretbytes|text|self|function|const|let|new|return|if|else|await|lambda"
    r"|hidden|redacted|xxx|changeme|todo|auto|never|always|not|invalid|missing|wrong|expired|incorrect|expected|of|is"
    r"|was|for|the|a|an|in|to|and|or|error|failed|denied|rejected|unset|set|provided|given",
    re.IGNORECASE,
)
_CALL = re.compile(r"[A-Za-z_][\w.]*(?:::\w+)?(?:\(|\[|\(.*\)[\w.()\[\]]*|\[.*\][\w.()\[\]]*|\)[\w.()]*)[,;:)]*")
_ATTRIBUTE = re.compile(
    r"(?:self|args|config|params|task|os|opt|options|cfg|settings|env|secrets|this|cls|snakemake|workflow|process)\.[A-Za-z_][\w.]*[,;:)]*"
)
# a way to have it: from a file, the environment, an open file; another option
REFERENCE = re.compile(r"-[A-Za-z]$|[$%{<@&*]|(?:file|env|fd|stdin):|--|\\?\$|\{\{|\.\.\.|…|\*{3}")
# an exception's class, an option that turns something off or says where to read, what names or describes one that is
# elsewhere, a filter or a round that has pass in its name
_NO_NAME = re.compile(
    r"(?:error|exception|warning|failure|notfound)$|^-*no-|askpass|-(?:stdin|fd)$"
    r"|(?:secret|key|token|password|passphrase|credentials?)[_-]?(?:name|ref|file|path|dir|type|class|length|size|ttl)$"
    r"|secret_?key_?ref$|credentials_?id$"
    r"|^(?:by|com|en|multi|one|two|single|first|second|third|last|next|all|any|no|n|high|low|band|is|has|did|not|qc|vcf|sur"
    r"|tres|over|under|test|filter|hard|soft|pre|post|auto)pass$",
    re.IGNORECASE,
)
# the working folder, where it is one
_FOLDER = re.compile(r"^-*(?:old|my)?pwd$", re.IGNORECASE)
_PLACE = re.compile(r"^[.(]|[/\\~]")
# of several that open something, or of a number of them
_PLURAL = re.compile(r"^(?:(?:api|access|auth|bearer|refresh)[_-]?)?tokens$", re.IGNORECASE)
# a message or a form to fill in, an option, and what something is looked up by
_FORM = re.compile(r"\s|%[sdr(]|[{}]|^-")
_LOOKED_UP = re.compile(rf"(?i)(?:[a-z]+[_.\-])*(?:{_SURE}|{_UNSURE})(?:[_.\-][a-z]+)*")
_NUMBER = re.compile(r"[+-]?\d{0,7}[.,]?\d{1,7}")
_MEASURE = re.compile(r"\d[\d.,_]*[A-Za-z/]{0,12}")
# a sign that stands before a value: of a block in YAML, of SQL
_BEFORE = re.compile(r"[|>][+-]?\d?|[=:<+-]{1,2}")
_STARS = re.compile(r"[*.xX•#_-]+")
_SHORT, _CHOSEN, _ID = 3, 6, 8


def secret_value(name: str, value: str, *, quoted: bool) -> bool:
    """Whether a value of this name is to be hidden: not where it only says where the secret comes from."""
    bare = value.strip("\"'` ,;")
    if (
        _NO_NAME.search(name)
        or not bare
        or _NOTHING.fullmatch(bare.lstrip("([{").rstrip(".:)}]"))
        or _STARS.fullmatch(bare)
        or _BEFORE.fullmatch(bare)
        or REFERENCE.match(value)
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


def opens_something(name: str, value: str) -> bool:
    """Whether a string that code may give to this name is to be hidden: one word, and no name to look it up by."""
    if _FORM.search(value) or _LOOKED_UP.fullmatch(value) or not secret_value(name, value, quoted=True):
        return False
    return _PASS.search(name) is not None or not value.replace("_", "").isalpha()


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
