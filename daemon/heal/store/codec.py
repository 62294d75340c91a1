"""Journal bodies as JSON and back: nothing is lost, and what a newer heal wrote is read as far as it can be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from heal.journal import Body, Decided, GaveUp
from heal.records import Label, Verdict

_KINDS: dict[str, type[Any]] = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): kind for kind in get_args(Body)}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def kind_of(body: Body) -> str:
    """Name the kind as it is stored: the class name in lower snake (``GaveUp`` is ``gave_up``)."""
    return _NAMES[type(body)]


def token_of(body: Body) -> str | None:
    """Give the token of the remedy that the entry speaks of, if it speaks of one."""
    token = getattr(body, "token", None)
    return token if isinstance(token, str) else None


def pack(body: Body) -> dict[str, Any]:
    """Turn a body into what JSON can hold."""
    return {field.name: plain(getattr(body, field.name)) for field in fields(body)}


def plain(value: Any) -> Any:
    """Turn records, read-only mappings and tuples into what JSON can hold, however deep they lie."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return str(value) if isinstance(value, PurePath) else value


def unpack(kind: str, stored: Any, *, closes: bool) -> Body:
    """Turn a stored body into a record; fields that this version does not know are left out.

    An entry that this version cannot read (a newer kind, or a newer kind of fix) becomes a stand-in that is as
    closed as the entry was, and never moves by itself: heal does not act on what it does not understand.
    """
    try:
        made: Body = _made(_KINDS[kind], stored)
    except (KeyError, TypeError, ValueError, AttributeError):
        why = f"an entry of kind {kind!r}, written by a newer heal: upgrade heal to read it"
        return GaveUp(why) if closes else Decided(Verdict.ASK, why)
    return made


def _made(hint: Any, value: Any) -> Any:
    """Make a value of the type that a record declares for it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _one_of(arguments, value)
    if origin is tuple:
        return tuple(_made(arguments[0], item) for item in value)
    if origin is Mapping:
        return {str(key): _made(arguments[1], item) for key, item in value.items()}
    return _made_by(hint, value) if isinstance(hint, type) else value


def _made_by(kind: type[Any], value: Any) -> Any:
    """Make a record or a word of a closed list; numbers and texts are what JSON gives."""
    if kind is Label:
        return next((label for label in Label if label == value), Label.UNKNOWN)
    if issubclass(kind, Enum | PurePath):
        return kind(value)
    if is_dataclass(kind):
        return kind(**{name: _made(hint, value[name]) for name, hint in _hints(kind).items() if name in value})
    return value


def _one_of(choices: tuple[Any, ...], value: Any) -> Any:
    """Make a value of an optional type; unions of plain types hold their values as JSON gives them."""
    if value is None and NoneType in choices:
        return None
    real = [choice for choice in choices if choice is not NoneType]
    return _made(real[0], value) if len(real) == 1 else value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
