"""How long question and answer may be together: what servers tell of it, each in its own way.

vLLM says it in its list of models, llama.cpp at /props, LM Studio at /api/v0/models, Ollama at /api/ps and /api/show.
The length a model was trained for is not what its server gives it, and is never taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# what Ollama takes where neither the model nor the server's settings say so and the memory is small; it tells nobody
OLLAMA_DEFAULT = 4096
_LISTED = ("max_model_len", "context_length", "context_window", "max_context_length")
_REFUSED = (
    re.compile(r"maximum context length is (\d+)"),
    re.compile(r"'n_ctx': (\d+)"),
    re.compile(r"context (?:size|window|length)[^\d]{0,40}\(?(\d+)"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to ask a server; ``body`` None: with GET. ``path`` is a whole URL where it begins with http."""

    path: str
    body: Mapping[str, Any] | None = None


def looks(base_url: str, model: str, *, local: bool) -> tuple[Look, ...]:
    """What to ask, the list of models first. A service elsewhere is asked for nothing but that list."""
    models = Look("/models")
    if not local:
        return (models,)
    root = re.sub(r"/v\d+/*$", "", base_url.rstrip("/"))
    return (
        models,
        Look(f"{root}/props"),
        Look(f"{root}/api/v0/models"),
        Look(f"{root}/api/ps"),
        Look(f"{root}/api/show", {"model": model}),
    )


def told(answers: Sequence[object], model: str) -> tuple[int | None, str]:
    """The window, and who says so; None and empty where nobody does. In the order of ``looks``; None: no answer."""
    models, props, studio, running, shown = (*answers, *(None,) * 5)[:5]
    found = (
        (_props(props), "llama.cpp's /props"),
        (_one(studio, model, ("loaded_context_length",)), "LM Studio, as it is loaded"),
        (_one(running, model, ("context_length",), where="models"), "Ollama, as it is loaded"),
        (_num_ctx(shown), "Ollama's num_ctx of the model"),
        (_one(models, model, _LISTED), "the server's list of models"),
        (_meta(models, model), "the server's list of models"),
        (OLLAMA_DEFAULT if _is_ollama(shown) else None, "Ollama's default: num_ctx is not set"),
    )
    return next(((window, who) for window, who in found if window), (None, ""))


def refused(reason: str) -> int | None:
    """The window, where a server tells it in refusing a question that was too long; else None."""
    hits = (regex.search(reason) for regex in _REFUSED)
    return next((int(hit[1]) for hit in hits if hit), None)


def _one(answer: object, model: str, names: Sequence[str], where: str = "data") -> int | None:
    entry = _entry(answer, model, where)
    return next((size for size in (_size(entry.get(name)) for name in names) if size), None)


def _meta(answer: object, model: str) -> int | None:
    meta = _entry(answer, model, "data").get("meta")
    return _size(meta.get("n_ctx")) if isinstance(meta, Mapping) else None


def _entry(answer: object, model: str, where: str) -> Mapping[str, Any]:
    rows = answer.get(where) if isinstance(answer, Mapping) else None
    entries = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    wanted = (model, f"{model}:latest")
    return next((row for row in entries if any(row.get(key) in wanted for key in ("id", "name", "model"))), {})


def _props(answer: object) -> int | None:
    settings = answer.get("default_generation_settings") if isinstance(answer, Mapping) else None
    return _size(settings.get("n_ctx")) if isinstance(settings, Mapping) else None


def _is_ollama(answer: object) -> bool:
    return isinstance(answer, Mapping) and "model_info" in answer


def _num_ctx(answer: object) -> int | None:
    said = answer.get("parameters") if isinstance(answer, Mapping) else None
    hit = re.search(r"^\s*num_ctx\s+(\d+)", said, re.MULTILINE) if isinstance(said, str) else None
    return _size(int(hit[1])) if hit else None


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
