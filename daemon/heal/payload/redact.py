"""Hides what is secret behind placeholders, and puts it back into what a model answered.

A placeholder reads ``<secret-1>``, ``<user-1>``, ``<home-1>`` or ``<host-1>``. One secret has one placeholder as long
as its Redactor lives; a text that holds such a form itself gets a placeholder for that, so nothing is put back wrongly.
"""

from __future__ import annotations

import os
import pwd
import re
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from heal.errors import BadSettings
from heal.knowledge.regexes import NoRegex
from heal.knowledge.secret_names import harmless_name
from heal.model_settings import Privacy
from heal.payload.encoded import encoded
from heal.payload.environment import forms, secret_values, worth_hiding
from heal.payload.formats import known_formats
from heal.payload.in_calls import in_calls
from heal.payload.in_code import in_code
from heal.payload.in_columns import in_columns
from heal.payload.in_manifests import in_manifests
from heal.payload.listed import listed
from heal.payload.looks import random_words
from heal.payload.named import called_secret
from heal.payload.said import said
from heal.payload.scanners import scanned
from heal.payload.spans import Joined, Span, expression, found_in, merged, pieces, searchable, whole_words

_FORM = re.compile(r"<(?:secret|user|home|host)-\d+>")
_NAMES = ("user", "home", "host")
# kinds whose values are looked for wherever else they stand
_REMEMBERED = frozenset(
    {"setting", "url", "header", "bearer", "netrc", "pgpass", "option", "docker", "sql", "echoed", "own pattern"}
)
_CONTINUED = re.compile(r"\\\r?\n")
_SHORTEST_LEARNT, _SHORTEST_NAME = 6, 3
_ORDINARY_USERS = frozenset({"root", "user", "ubuntu", "admin", "nobody", "runner"})


@dataclass(frozen=True, slots=True)
class Names:
    """What names a person and their machine: the user, their home folder, the names of the host."""

    user: str = ""
    home: str = ""
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Names:
        """The names as the environment and the machine tell them; a timer has none in its environment."""
        host = socket.gethostname()
        user, home = _account()
        return cls(
            environment.get("USER") or environment.get("LOGNAME") or user,
            environment.get("HOME") or home,
            tuple(dict.fromkeys([host, host.partition(".")[0]])),
        )


class Redactor:
    """Hides and restores, for any number of threads. The map of its placeholders is kept here, and nowhere else.

    Whatever is ``learn``-ed first is hidden in every text after it, also where nothing around it gives it away.
    Raises BadSettings for an expression of ``privacy.patterns`` that cannot be used.
    """

    def __init__(self, environment: Mapping[str, str], privacy: Privacy, names: Names | None = None) -> None:
        self._own = tuple(_own(regex) for regex in privacy.patterns)
        self._names = tuple(_names(names or Names.of(environment))) if privacy.hide_names else ()
        # candidates are asked for at once: two secrets must not get one placeholder
        self._lock = threading.RLock()
        self._literals: dict[str, str] = {}
        self._placeholders: dict[str, str] = {}
        self._hidden: dict[str, tuple[str, str]] = {}
        self._numbers: Counter[str] = Counter()
        for value, kind in secret_values(environment).items():
            self._remember(searchable(value), kind)
        told = sorted((name, value) for name, value in environment.items() if not harmless_name(name))
        self.learn("\n".join(f"{name}={value}" for name, value in told))

    def learn(self, text: str) -> None:
        """Take note of the secrets of a text that is hidden later, or never shown. Raises NoModel as ``scanned``."""
        plain = searchable(text)
        for span in self._detected(plain):
            value = plain[span.start : span.end]
            if span.kind in _REMEMBERED and len(value) >= _SHORTEST_LEARNT and "\n" not in value:
                self._remember(value, span.kind)

    def hide(self, text: str, *, speaks: bool = False) -> str:
        """The text with as many lines, and a placeholder for each secret. Raises NoModel as ``scanned``.

        ``speaks``: these are heal's own words about placeholders, so that what looks like one may stay.
        """
        self.learn(text)
        plain = searchable(text)
        joined = Joined.of(plain)
        with self._lock:
            literals = dict(self._literals)
        known = found_in(plain, joined, literals)
        named = (Span(*at, kind) for kind, name in self._names for at in whole_words(plain, name))
        forms_there = () if speaks else (Span(*match.span(), "placeholder") for match in _FORM.finditer(plain))
        # what is known from elsewhere is of that kind, also where a sentence around it gives it away
        spans = merged(chain(forms_there, known, self._detected(plain), named))
        parts: list[str] = []
        at = 0
        for piece in chain.from_iterable(pieces(text, span) for span in spans):
            parts += [text[at : piece.start], self._placeholder(text[piece.start : piece.end], piece.kind)]
            at = piece.end
        return "".join([*parts, text[at:]])

    def restore(self, text: str) -> str:
        """The text with every placeholder of this Redactor replaced by what it stands for; others are left."""
        return _FORM.sub(lambda form: self._hidden.get(form[0], (form[0], ""))[0], text)

    def counted(self, texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """How many placeholders these hidden texts hold, by the kind of what is hidden, in order of the kinds."""
        found = Counter(
            self._hidden[form[0]][1] for text in texts for form in _FORM.finditer(text) if form[0] in self._hidden
        )
        return tuple(sorted(found.items()))

    def _detected(self, plain: str) -> Iterator[Span]:
        own = (Span(*at, "own pattern") for regex in self._own for at in _own_places(regex, plain))
        return chain(_by_rules(plain), own)

    def _remember(self, value: str, kind: str) -> None:
        if worth_hiding(value):
            with self._lock:
                for form in forms(value):
                    self._literals.setdefault(form, kind)

    def _placeholder(self, value: str, kind: str) -> str:
        with self._lock:
            if value not in self._placeholders:
                word = kind if kind in _NAMES else "secret"
                self._numbers[word] += 1
                self._placeholders[value] = f"<{word}-{self._numbers[word]}>"
                self._hidden[self._placeholders[value]] = (value, kind)
            return self._placeholders[value]


@lru_cache(maxsize=128)
def _by_rules(plain: str) -> tuple[Span, ...]:
    """What the rules find that hold for everybody; kept, since each role is shown much the same."""
    named = chain(called_secret(plain), in_code(plain), listed(plain), said(plain))
    placed = chain(in_calls(plain), in_columns(plain), in_manifests(plain), encoded(plain, _opened))
    continued = called_secret(_continued(plain)) if _CONTINUED.search(plain) else ()
    return tuple(chain(known_formats(plain), named, placed, continued, scanned(plain), random_words(plain)))


def _opened(said: str) -> Iterator[Span]:
    """What is found in a text that another holds in base64."""
    return chain(known_formats(said), called_secret(said))


def _continued(plain: str) -> str:
    """The text, as long, with blanks where a shell reads one line on as the next."""
    return _CONTINUED.sub(lambda found: " " * len(found[0]), plain)


def _own(regex: str) -> str:
    try:
        expression(regex)
    except NoRegex as error:
        raise BadSettings(f"privacy.patterns: {regex!r} is no expression: {error}. Correct it in heal.toml.") from error
    return regex


def _own_places(regex: str, text: str) -> Iterator[tuple[int, int]]:
    """The first group of an expression that has one and found something in it, else all that was found."""
    for match in expression(regex).finditer(text):
        groups = match.groups()
        yield match.span(1 if groups and groups[0] else 0)


def _account() -> tuple[str, str]:
    """Name and home of who this runs as; empty within a container that has never heard of them."""
    try:
        account = pwd.getpwuid(os.getuid())
    except KeyError:
        return "", ""
    return account.pw_name, account.pw_dir


def _names(names: Names) -> Iterator[tuple[str, str]]:
    """What to look for: the home folder before the user's name that ends it, whole words alone."""
    found = [("home", names.home.rstrip("/")), *(("host", host) for host in names.hosts)]
    if names.user not in _ORDINARY_USERS:
        found.append(("user", names.user))
    for kind, name in found:
        whose = kind != "home" or name.count("/") > 1
        if len(name) >= _SHORTEST_NAME and whose and name != "localhost":
            yield kind, name
