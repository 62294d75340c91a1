"""Whether a word looks like a key that nobody could remember, or like what pipelines are full of. Pure.

A key that a machine made changes between capitals, small letters and digits about every second sign; a name, a path, a
sequence or a hash does not, or is known by what stands around it.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from heal.payload.spans import Span, places

_LONG, _PIECE = 20, 16
_CHANGES, _CHANGES_ONE_NUMBER, _CHANGES_LOWER = 0.35, 0.42, 0.3
_DIGITS_LOWER = 4
_BITS = 3.2
_LOWER = 24
_WORDS = r"[A-Za-z0-9+/_\-]{20,}={0,2}"
_NUMBERS = re.compile(r"\d+")
_HEX = re.compile(r"(?:0x)?[0-9a-f]+|(?:0x)?[0-9A-F]+")
_HEX_LENGTHS = (32, 40, 48, 56, 64, 96, 128)
# a folder of a cache or a build: a hash, alone or after a word
_HEX_NAMED = re.compile(r"(?:[A-Za-z]+[-_])?[0-9a-f]+_?|Script[0-9A-F]+")
_SEPARATORS = re.compile(r"[-_./+=]")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SEQUENCE = re.compile(r"[ACGTUNRYSWKMBDHV.*-]+|[acgtun]+|[A-Z*]+|[a-z]+")
# what is said of a hash before it, or is part of a path that holds one
_HASHED = re.compile(
    r"(?:sha-?\d*|md5\w*|checksum|digest|hash|crc\w*|commit|revision|rev|tree|blob|index|etag|integrity|fingerprint"
    r"|object|parent|merge|[#<]|conda|envs?|work|singularity|layer|image|build|git|@|\.snakemake|uuid|session|id"
    r"|switching to|checked out|head is now at|detached at)"
    r"[\w ()\"'.:=@/-]{0,40}$",
    re.IGNORECASE,
)
# what a program that checks a file says of it, right before the hash
_CHECKED = re.compile(r"(?:^|\s)(?:expected|got):?[ \t]+$", re.IGNORECASE)
_DIGEST = re.compile(r"^sha\d{1,3}-|sha\d{1,3}[-:=]$", re.IGNORECASE)
# coreutils' own form: the hash, two signs, the file
_SUMMED = re.compile(r"^ [ *]\S")
_PLAIN_OPTION = re.compile(r"[a-z_.]{1,40}(?:=[\w./:-]{0,60})?|[\w./-]{1,60}")
_NEAR = 60


def random_words(text: str) -> Iterator[Span]:
    """The words that look like keys, whatever stands around them."""
    for start, end in places(_WORDS, text):
        word = text[start:end]
        before, after = text[max(0, start - _NEAR) : start], text[end : end + 3]
        if made_by_a_machine(word) and not harmless(word, before, after):
            yield Span(start, end, "random")


def made_by_a_machine(word: str) -> bool:
    """Whether its signs come in no order that a person would give them."""
    bare = word.rstrip("=")
    if _HEX.fullmatch(bare):
        return len(bare) in _HEX_LENGTHS and entropy(bare) > _BITS - 0.2
    if len(bare) < _LONG or entropy(bare) < _BITS:
        return False
    if "/" in bare and not _packed(bare):
        return any(made_by_a_machine(part) for part in bare.split("/") if not _HEX_NAMED.fullmatch(part))
    pieces = [piece for piece in _SEPARATORS.split(bare) if len(piece) >= _PIECE]
    return any(_mixed(piece) for piece in pieces) or (_packed(bare) and _mixed(_SEPARATORS.sub("", bare)))


def harmless(word: str, before: str, after: str) -> bool:
    """Whether it is plainly no secret: a sequence, a hash that is called one, an id, a number."""
    bare = word.rstrip("=")
    if bare.isdigit() or _UUID.fullmatch(bare) or _SEQUENCE.fullmatch(bare):
        return True
    if _HEX.fullmatch(bare):
        line = before.rpartition("\n")[2]
        return bool(_SUMMED.match(after) or _HASHED.search(line) or _CHECKED.search(line))
    if word.startswith("base64//"):
        return _snakemakes(word.removeprefix("base64//"))
    # R and JavaScript write lock files with sha256-… and sha512-…; a container's layer and a conda build say so too
    return bool(_DIGEST.search(before) or _DIGEST.match(bare))


def sequence(word: str) -> bool:
    """Whether it is made of the letters of nucleotides alone."""
    return not word.strip("ACGTUN") or not word.strip("acgtun")


def _snakemakes(word: str) -> bool:
    """Whether it is how Snakemake hands its own options on, ``base64//`` and the option, and holds a plain one."""
    try:
        said = base64.b64decode(word, validate=True).decode("ascii")
    except ValueError:
        return False
    return _PLAIN_OPTION.fullmatch(said) is not None


def entropy(word: str) -> float:
    """Bits a sign, by how often each comes."""
    counts = Counter(word).values()
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts) if word else 0.0


def _mixed(piece: str) -> bool:
    """Whether kinds of signs change as often as they do by chance."""
    kinds = ["u" if sign.isupper() else "l" if sign.islower() else "d" if sign.isdigit() else "" for sign in piece]
    changes = sum(one != other for one, other in pairwise(kinds) if one and other) / max(1, len(piece) - 1)
    digits = kinds.count("d")
    if {"u", "l"} <= set(kinds):
        # names of classes change as well, and hold one number at most
        numbers = len(_NUMBERS.findall(piece))
        return numbers > 0 and changes >= (_CHANGES if numbers > 1 else _CHANGES_ONE_NUMBER)
    return len(piece) >= _LOWER and digits >= _DIGITS_LOWER and changes >= _CHANGES_LOWER


def _packed(word: str) -> bool:
    """Whether it may be base64 in one piece and not a path or a name in parts: parts are not words."""
    parts = [part for part in _SEPARATORS.split(word) if part]
    plain = sum(len(part) for part in parts if not _busy(part))
    return plain <= len(word) / 4


def _busy(part: str) -> bool:
    kinds = {"u" if sign.isupper() else "l" if sign.islower() else "d" for sign in part}
    return len(kinds) > 1 and sum(one.isupper() != other.isupper() for one, other in pairwise(part)) > len(part) / 3
