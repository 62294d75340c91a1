"""What of an environment is secret, and the forms in which it may turn up elsewhere. Pure."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterator, Mapping

from heal.knowledge.secret_names import OTHER, secret_name

_LEAST = 6
_ENCODED = 8
# one that a person may have chosen, of small letters alone, is a word that stands in any text
_WORD = re.compile(r"[a-z]{1,11}|[A-Z]{1,11}|\d{1,7}")


def secret_values(environment: Mapping[str, str]) -> dict[str, str]:
    """The values to be hidden wherever they appear, by the kind ``environment``; never a word anybody may write."""
    return {
        value: "environment"
        for name, text in sorted(environment.items())
        if secret_name(name)
        for value in [text.strip()]
        if worth_hiding(value)
    }


def together(*environments: Mapping[str, str]) -> dict[str, str]:
    """Several environments as one; where they give one name different values none of these is lost."""
    found: dict[str, str] = {}
    for environment in environments:
        for name, value in environment.items():
            other = name
            while found.get(other, value) != value:
                other = f"{OTHER}{other}"
            found[other] = value
    return found


def worth_hiding(value: str) -> bool:
    """Whether a secret can be looked for everywhere without hiding half of a text."""
    return len(value) >= _LEAST and not _WORD.fullmatch(value) and value.lower() not in ("unknown", "default")


def forms(value: str) -> Iterator[str]:
    """The value, and how programs write it: in addresses, in JSON, in HTML, in base64 at any place, in hexadecimal."""
    yield value
    found = {urllib.parse.quote(value, safe=""), urllib.parse.quote(value), urllib.parse.quote_plus(value)}
    found |= {
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        repr(value)[1:-1],
    }
    found |= {value.replace("'", "'\"'\"'"), value.replace("'", "'\\''"), value.replace("$", "\\$")}
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) >= _ENCODED:
        found |= {raw.hex(), raw.hex().upper()}
        for offset in range(3):
            found |= set(_encoded(raw, offset))
    yield from sorted(found - {value})


def _encoded(raw: bytes, offset: int) -> Iterator[str]:
    """The signs of base64 that say the value alone, where it begins ``offset`` bytes after a multiple of three."""
    start = -(-offset * 8 // 6)
    end = (offset + len(raw)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(b"\0" * offset + raw).decode()[start:end]
