"""The key of a model: read when it is needed, and shown nowhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from heal.errors import BadSettings
from heal.model_settings import Model

_LONGEST = 8192


def read(name: str, model: Model, env: Mapping[str, str]) -> str:
    """The key of a model; empty where the settings name none. Raises ``BadSettings``, which does not show it."""
    if model.key_env:
        key, where = env.get(model.key_env, "").strip(), f"the variable {model.key_env}"
    elif model.key_file:
        key, where = _from_file(name, model.key_file), str(model.key_file)
    else:
        return ""
    if not key:
        raise BadSettings(f"model.{name}: {where} holds no key. Put it there, or leave key_env and key_file out.")
    if not all("!" <= letter <= "~" for letter in key):
        # it would be refused, and shown in the error, by whatever writes the header
        raise BadSettings(f"model.{name}: {where} holds more than a key: one line of ASCII without blanks is one")
    return key


def _from_file(name: str, path: Path) -> str:
    try:
        descriptor = os.open(path.expanduser(), os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise BadSettings(f"model.{name}: the key cannot be read from {path}: {error.strerror}") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise BadSettings(f"model.{name}: key_file {path} is no file")
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise BadSettings(
                f"model.{name}: key_file {path} must be yours and readable by you alone: chmod 600 {path}"
            )
        with suppress(UnicodeDecodeError):
            return os.read(descriptor, _LONGEST).decode("ascii").strip()
    finally:
        os.close(descriptor)
    return ""
