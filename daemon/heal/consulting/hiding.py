"""What hides secrets in all that models are sent: of this process, of a run's environment, and the keys of models."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from heal.payload.environment import together
from heal.payload.redact import Redactor
from heal.settings import Settings

_MOST_KEYS, _LONGEST = 20, 8192


def redactor(settings: Settings, *environments: Mapping[str, str]) -> Redactor:
    """One that has hidden nothing yet. The environments are those of runs; heal's own comes first."""
    made = Redactor(together(os.environ, *environments), settings.privacy)
    for key in _keys(settings):
        made.learn(f"api_key = {key}")
    return made


def _keys(settings: Settings) -> Iterator[str]:
    """The keys of models, whatever their variables are called and wherever they lie."""
    for model in settings.model.values():
        if model.key_env:
            yield from os.environ.get(model.key_env, "").split()
        if model.key_file is not None:
            yield from islice(_words(model.key_file.expanduser()), _MOST_KEYS)


def _words(file: Path) -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        if file.is_file():
            with file.open(encoding="utf-8") as text:
                return text.read(_LONGEST).split()
    return []
