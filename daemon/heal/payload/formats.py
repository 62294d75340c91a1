"""Keys that their makers gave a form of their own, and blocks of them. Pure.

Every expression has a group ``s``: what is secret of what it finds. ``full`` is how many signs such a key has at
least; one that is shorter and ends its line goes on in the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from heal.payload.looks import sequence
from heal.payload.spans import Span, places


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of key."""

    kind: str
    regex: str
    full: int = 0


def _key(kind: str, prefix: str, signs: str, least: int, full: int) -> Format:
    return Format(kind, rf"(?:^|[^A-Za-z0-9_])(?P<s>(?:{prefix}){signs}{{{least},}}={{0,2}})", full)


_W, _B = "[A-Za-z0-9]", r"[A-Za-z0-9_\-]"
FORMATS = (
    _key("aws", "A3T[A-Z0-9]|ABIA|ACCA|AGPA|AIDA|AIPA|AKIA|ANPA|ANVA|APKA|AROA|ASCA|ASIA", "[A-Z0-9]", 8, 20),
    _key("google", "AIza", _B, 12, 39),
    _key("google", r"ya29\.", r"[A-Za-z0-9_\-.]", 16, 60),
    _key("google", "GOCSPX-", _B, 12, 35),
    Format("azure", r"(?:^|[^A-Za-z0-9])(?P<s>[A-Za-z0-9_~.\-]{3}[0-9]Q~[A-Za-z0-9_~.\-]{20,})", 40),
    Format("azure", r"(?i)(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<s>[A-Za-z0-9+/%=]{16,})", 88),
    Format("azure", r"(?i)[?&;]sig=(?P<s>[A-Za-z0-9%+/=_\-]{16,})", 43),
    _key("github", "gh[pousr]_", "[A-Za-z0-9_]", 12, 40),
    _key("github", "github_pat_", "[A-Za-z0-9_]", 16, 82),
    _key("gitlab", "gl(?:pat|oas|dt|rt|cbt|ptt|ft|soat|agent|imt)-", _B, 12, 26),
    _key("slack", "xox[abeoprs]-", r"[A-Za-z0-9\-]", 10, 50),
    _key("slack", "xapp-", r"[A-Za-z0-9\-]", 10, 50),
    Format("slack", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/_\-]{8,})", 44),
    Format("discord", r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(?P<s>[0-9]+/[A-Za-z0-9_\-]{8,})", 80),
    Format("teams", r"webhook\.office\.com/(?P<s>[^\s\"'<>]{16,})"),
    _key("stripe", "(?:sk|rk|pk)_(?:live|test)_", _W, 10, 32),
    _key("stripe", "whsec_", _W, 12, 38),
    _key("model", "sk-(?:ant-|proj-|or-|svcacct-|admin-|lf-)?", _B, 16, 48),
    _key("model", "(?:gsk|xai|pplx|r8|nvapi|tgp_v1|fw|csk)[_-]", _B, 20, 40),
    _key("huggingface", "hf_|api_org_", _W, 12, 37),
    _key("npm", "npm_", _W, 12, 40),
    _key("pypi", "pypi-", _B, 16, 150),
    _key("docker", "dckr_(?:pat|oat)_", _B, 12, 36),
    _key("dropbox", r"sl\.(?:u\.)?", _B, 40, 130),
    _key("sendgrid", r"SG\.", r"[A-Za-z0-9_\-.]", 16, 69),
    _key("twilio", "(?:AC|SK)[0-9a-f]", "[0-9a-f]", 31, 34),
    _key("mailchimp", r"[0-9a-f]{32}-us", "[0-9]", 1, 0),
    _key("telegram", "[0-9]{8,10}:AA", _B, 20, 45),
    _key("square", "sq0[a-z]{3}-", _B, 16, 29),
    _key("shopify", "shp(?:at|ca|pa|ss)_", "[0-9a-fA-F]", 16, 38),
    _key("digitalocean", "do[oprt]_v1_", "[0-9a-f]", 16, 71),
    _key("vault", r"hv[sbr]\.", _B, 16, 90),
    _key("terraform", r"[A-Za-z0-9]{14}\.atlasv1\.", _B, 16, 90),
    _key("databricks", "dapi", "[0-9a-f]", 32, 36),
    _key("grafana", "gl(?:c|sa)_", r"[A-Za-z0-9+/_]", 16, 40),
    _key("newrelic", "NR(?:AK|JS|II|RA)-", _W, 16, 32),
    _key("sentry", "sntry[su]_", _B, 16, 60),
    _key("atlassian", "ATATT3x", _B, 20, 190),
    _key("age", "AGE-SECRET-KEY-1", "[0-9A-Z]", 20, 74),
    _key("wandb", "wandb_v1_", _B, 16, 60),
    Format("jwt", r"(?:^|[^A-Za-z0-9_\-])(?P<s>eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]{4,}){0,4}\.?)", 10_000),
    # Nextflow's Tower and many others hand out base64 of JSON
    Format("json", r"(?:^|[^A-Za-z0-9+/])(?P<s>(?:eyJ|ewog|eyAi)[A-Za-z0-9+/]{16,}={0,2})", 10_000),
    # how a system keeps passwords, and what signs in to SLURM
    Format(
        "hash",
        r"(?P<s>\$(?:[156y]|gy|apr1|2[abxy]|argon2(?:id|i|d))\$[^\s\"'$:]{1,60}(?:\$[A-Za-z0-9./+=,]{6,80}){0,2}"
        r"\$[A-Za-z0-9./+=]{20,})",
    ),
    Format("hash", r"(?P<s>\$2[abxy]\$[0-9]{2}\$[A-Za-z0-9./]{40,})"),
    Format("munge", "MUNGE:(?P<s>[A-Za-z0-9+/=]{16,}):?"),
    Format(
        "cookie",
        r"(?i)(?:^|[^\w-])(?:set-)?cookie2?[\"']?\s{0,2}:\s{0,2}[\"']?(?P<s>(?:[\w.\-]{1,100}=|[^\s\"'=]{0,60}[0-9])[^\r\n\"']+)",
    ),
    Format(
        "header",
        r"(?i)authorization[\"'\\]{0,3}\s{0,4}[:=,]\s{0,4}(?:[fb]?[\\\"']{1,3})?"
        r"(?:(?:basic|bearer|token|digest|negotiate|apikey|aws4-hmac-sha256)\s{1,4})?(?P<s>[^\s\"'\\,;{}$<>][^\r\n\"'\\{}$<>]{3,})",
    ),
    # what begins with two dashes is the next option
    Format(
        "bearer",
        r"(?i)(?:^|[^\w])(?:basic|bearer)\s{1,4}(?P<s>-?[A-Za-z0-9._~+/][A-Za-z0-9._~+/\-]{11,}={0,3})",
        10_000,
    ),
    Format(
        "header",
        r"(?i)(?:^|[^\w-])(?:x-[a-z0-9-]{0,30}(?:key|token|secret|auth|signature|password|credential)[a-z0-9-]{0,20}"
        r"|private-token|job-token|api-key|apikey|ocp-apim-subscription-key)[\"'\\]{0,3}\s{0,4}[:=,]\s{0,4}[\\\"']{0,3}"
        r"(?P<s>[^\s\"'\\&{}$<>]{4,})",
    ),
)
_BLOCK = r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-{4,5}(?P<s>[\s\S]*?)(?:-{4,5} ?END |\z)"
_PUTTY = r"PuTTY-User-Key-File-[0-9](?P<s>[\s\S]*?)(?:Private-MAC|\z)"
# of a block without an end nothing is taken once its lines are no longer made of key
_KEY_LINE = re.compile(r"^[\s+\-|>#\d:\"'\\rn]*[A-Za-z0-9+/=\\]{16,}[\"'\\rn, ]*$")
_KEY_WORD = re.compile(r"[A-Za-z0-9+/=]{3,}")
# a header that a program puts together names its scheme alone
_SCHEMES = frozenset({"", "basic", "bearer", "token", "digest", "negotiate"})
_PLAIN = re.compile(r"[A-Za-z]?[a-z]+[.,;:]?")
# what puts a header together stands in its place: a call, a form that something is filled into
_BUILT = re.compile(r"[A-Za-z_][\w.$:]*\([^)]*|(?:[A-Za-z]+[ ])?%[sd]", re.IGNORECASE)
_NEXT = re.compile(r"\\?\r?\n[ \t+\-|>#]{0,24}(?P<s>[A-Za-z0-9+/_.=-]{4,})")


def known_formats(text: str) -> Iterator[Span]:
    """The keys that are known by their form."""
    for one in FORMATS:
        for start, end in places(one.regex, text, "s"):
            found = text[start:end].strip()
            # "basic implementation" is said of other things than headers
            if found.lower() in _SCHEMES or sequence(found) or (one.kind == "bearer" and _PLAIN.fullmatch(found)):
                continue
            if one.kind == "header" and _BUILT.fullmatch(found):
                continue
            yield Span(start, end, one.kind)
            if end - start < one.full and (more := _NEXT.match(text, end)) and _goes_on(more["s"]):
                yield Span(more.start("s"), more.end("s"), one.kind)
    yield from _blocks(text)


def _goes_on(word: str) -> bool:
    """Whether the word that begins the next line may be the rest of a key: no plain word or number is."""
    kinds = {"u" if sign.isupper() else "l" if sign.islower() else "d" if sign.isdigit() else "" for sign in word}
    return len(kinds - {""}) > 1 and not (word.isalpha() and word.istitle())


def _blocks(text: str) -> Iterator[Span]:
    """Private keys: every word of the lines between their first and last, so that the lines stay as many."""
    for regex in (_BLOCK, _PUTTY):
        for start, end in places(regex, text, "s"):
            ended = end < len(text)
            for word_start, word_end in _key_words(text[start:end], ended=ended):
                yield Span(start + word_start, start + word_end, "private key")


def _key_words(body: str, *, ended: bool) -> Iterator[tuple[int, int]]:
    at = 0
    for number, line in enumerate(body.split("\n")):
        if not ended and number and line.strip() and not _KEY_LINE.match(line):
            return
        for word in _KEY_WORD.finditer(line):
            yield at + word.start(), at + word.end()
        at += len(line) + 1
