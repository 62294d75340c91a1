"""detect-secrets, line by line: what its detectors find beside heal's own rules."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from heal.errors import NoModel
from heal.payload.looks import harmless, made_by_a_machine, sequence
from heal.payload.spans import Span
from heal.payload.values import secret_value

PLUGINS = {
    "artifactory": "ArtifactoryDetector",
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "basic_auth": "BasicAuthDetector",
    "cloudant": "CloudantDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "ibm_cloud_iam": "IbmCloudIamDetector",
    "ibm_cos_hmac": "IbmCosHmacDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "softlayer": "SoftlayerDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
ENTROPY = {"Base64HighEntropyString": 4.5, "HexHighEntropyString": 3.0}
# their expressions are Python's own, whose time may grow faster than the line: a long line is given in parts
_WINDOW, _OVERLAP, _LEAST, _SHORT = 1200, 200, 8, 6
# what its detector of keywords looks for, which takes longest of all
_KEYWORD = re.compile(r"key|pass|pwd|secret|contrase", re.IGNORECASE)
# that tries each of them with each end of the word and with each quotation mark: of long words it is shown the
# beginning, and nothing of a line that is made of them, which heal's own rules read in any case
_QUOTE, _LONG_WORD, _MANY = re.compile("[\"'`]"), re.compile(r"(\w{64})\w+"), 40
_NEAR = 60


def scanned(text: str) -> Iterator[Span]:
    """What detect-secrets finds. Raises NoModel where it is not installed."""
    at = 0
    for line in text.split("\n"):
        if len(line) >= _LEAST:
            for start in range(0, len(line), _WINDOW - _OVERLAP):
                yield from _in_window(text, at + start, line[start : start + _WINDOW])
        at += len(line) + 1


def _in_window(text: str, at: int, window: str) -> Iterator[Span]:
    detectors, keyword, entropies = _detectors()
    for detector in detectors:
        for value in dict.fromkeys(_values(detector, window)):
            yield from _places(window, value, at, "detected")
    if _QUOTE.search(window) and 0 < len(_KEYWORD.findall(window)) <= _MANY:
        for value in keyword.analyze_string(_LONG_WORD.sub(r"\1", window)):
            if secret_value("password", str(value), quoted=True):
                yield from _places(window, str(value), at, "setting")
    if '"' in window or "'" in window:
        yield from _entropic(text, at, window, entropies)


def _values(detector: Any, window: str) -> Iterator[str]:
    yield from map(str, detector.analyze_string(window))
    # of an expression with a group it tells that alone: of a token no more than the letters it begins with
    for expression in detector.denylist:
        if expression.groups:
            found = expression.finditer(window)
            yield from (match[0] for match in found if match.start(1) == match.start() and len(match[1]) < _SHORT)


def _entropic(text: str, at: int, window: str, entropies: tuple[tuple[Any, float], ...]) -> Iterator[Span]:
    for detector, limit in entropies:
        for value in dict.fromkeys(detector.analyze_string(window)):
            if len(value) < _LEAST or detector.calculate_shannon_entropy(value) <= limit:
                continue
            for span in _places(window, value, at, "random"):
                before = text[max(0, span.start - _NEAR) : span.start]
                if not _path(value) and not harmless(value, before, text[span.end : span.end + 3]):
                    yield span


def _path(value: str) -> bool:
    """Whether quoted text of base64's signs is a path or a name made of words, and no key."""
    if value.startswith("/") and not made_by_a_machine(value):
        return True
    parts = value.replace("-", "/").replace("_", "/").split("/")
    return sum(len(part) for part in parts if part.isalpha() or part.isdigit() or not part) > len(value) / 2


def _places(window: str, value: str, at: int, kind: str) -> Iterator[Span]:
    # a detector names the value and not its place, and a short one stands in many
    found = window.find(value) if len(value) >= _SHORT and not sequence(value) else -1
    while found >= 0:
        yield Span(at + found, at + found + len(value), kind)
        found = window.find(value, found + len(value))


@cache
def _detectors() -> tuple[tuple[Any, ...], Any, tuple[tuple[Any, float], ...]]:
    try:
        modules = {name: importlib.import_module(f"detect_secrets.plugins.{name}") for name in PLUGINS}
        entropy = importlib.import_module("detect_secrets.plugins.high_entropy_strings")
        keyword = importlib.import_module("detect_secrets.plugins.keyword")
    except ImportError as error:
        raise NoModel(
            "what a model would see cannot be freed of secrets without detect-secrets: pip install 'heal-hpc[models]'"
        ) from error
    logging.getLogger("detect_secrets").setLevel(logging.ERROR)
    detectors = tuple(getattr(modules[name], plugin)() for name, plugin in PLUGINS.items())
    entropies = tuple((getattr(entropy, name)(limit), limit) for name, limit in ENTROPY.items())
    return detectors, keyword.KeywordDetector(), entropies
