"""Secrets that sentences tell, of a log or a comment: ``password x rejected``, ``invalid API key: x``. Pure.

Words follow such names in any sentence: letters and digits together alone are taken for a secret here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.spans import Span, places
from heal.payload.values import REFERENCE

_KEY = r"(?:api|access|secret|private|auth|licen[cs]e|account|encryption|signing|activation)[ -](?:key|code)"
_TOLD = r"[\"'`(<]{0,2}(?P<s>[^\s\"'`,;()<>\[\]{}]{6,})"
_WORD = rf"password|passwd|passphrase|passcode|{_KEY}"
_GIVEN = r"(?:[ ](?:provided|given|supplied|entered|received|used|sent|created|generated|issued|value|is|was))"
_SENTENCES = (
    (rf"(?i)\b(?:{_WORD})[ \t]{{1,8}}{_TOLD}", 6),
    (
        (
            rf"(?i)\b(?:{_WORD}|token|secret|credential)(?:{_GIVEN}{{0,3}}[ ]{{0,2}}[:=]|{_GIVEN}{{1,3}})"
            rf"[ ]{{1,4}}{_TOLD}"
        ),
        6,
    ),
    (rf"(?i)\b(?:bearer|refresh|access|api|auth|session|generated|gitlab|github)[ ]token[ ]{{1,2}}{_TOLD}", 8),
    (rf"(?i)\bcredentials?[ ]?:?[ ]{{0,2}}[A-Za-z][\w.@-]{{0,60}}[:/]{_TOLD}", 8),
    (rf"(?i)\b(?:client|shared|consumer)[ _]secret[ ]{{1,2}}{_TOLD}", 8),
    # a setting of a file that has no sign between the two, alone on its line
    (
        (
            r"(?im)^[ \t+#]*[\w.-]{0,60}(?:password|passwd|passphrase|secret|secret[._-]key|"
            r"token|api_?key|bindpw|rootpw)"
            rf"[ \t]{{1,20}}{_TOLD}[\"']?;?[ \t]*\r?$"
        ),
        8,
    ),
    # a host and who enters it, apart from an address of mail by a sign that none of these has
    (
        (
            r"(?:^|[\s\"'(=,])[A-Za-z][\w.-]{0,40}:(?P<s>[^\s\"'`,;()<>\[\]{}:/@]{0,60}[!#$%^&*+=?~]"
            r"[^\s\"'`,;()<>\[\]{}:/@]{0,60})@[A-Za-z][\w-]{0,60}\.[A-Za-z]"
        ),
        6,
    ),
    # of a parser's token no server tells such things
    (
        (
            rf"(?i)\btoken[ ]{{1,2}}{_TOLD}[\"'`)>]{{0,2}}[ ]{{1,2}}(?:(?:has|have|is|was|been)[ ]{{1,2}}){{0,2}}"
            r"(?:expired|revoked|rejected|refused|denied|blocked|disabled)\b"
        ),
        8,
    ),
    (rf"(?i)\b(?:using|with)[ ](?:the[ ])?(?:[a-z]{{1,12}}[ ])?(?:token|secret|credentials?)[ ]{{1,2}}{_TOLD}", 8),
)
# how passwords are made, kept and sent
_METHOD = re.compile(
    r"(?:s?sha|md|aes|base|pbkdf|argon|[bs]?crypt|utf|oauth|ntlmv?|x|rfc|pkcs|ed|rsa|3?des|latin|iso|blake|v|http|tls|ssl)"
    r"[-_]?\d[\w-]{0,12}",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"[+-]?\d[\d.,_:/-]*[A-Za-z%]{0,8}")


def said(text: str) -> Iterator[Span]:
    """The words with letters and digits that a sentence calls secret."""
    for sentence, least in _SENTENCES:
        for start, end in places(sentence, text, "s"):
            word = text[start:end].rstrip(".:!?]}")
            if len(word) >= least and _opens(word):
                yield Span(start, start + len(word), "setting")


def _opens(word: str) -> bool:
    if REFERENCE.match(word) or _METHOD.fullmatch(word) or _MEASURE.fullmatch(word) or word[0] in "-/.~=:":
        return False
    return any(sign.isalpha() for sign in word) and any(sign.isdigit() for sign in word) and "://" not in word
