"""Each detector of detect-secrets that is used finds what it is for, alone, and that is hidden."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

import pytest

from heal.model_settings import Privacy
from heal.payload.redact import Names, Redactor
from heal.payload.scanners import ENTROPY, PLUGINS, scanned

DICE = random.Random(11)  # noqa: S311 - the same each time, and no secret of anybody
WORD = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase + string.digits


def some(signs: str, length: int) -> str:
    return "".join(DICE.choice(signs) for _ in range(length))


def jwt() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": some(string.digits, 9)})
    told = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join([*told, some(WORD, 43)])


# what is secret, and the line in which it stands: its form alone gives it away, no name of a setting does
PLANTED: dict[str, tuple[str, Callable[[str], str]]] = {
    "ArtifactoryDetector": ("AKC" + some(WORD, 20), lambda key: f"fetched with {key} from the cache"),
    "AWSKeyDetector": ("AKIA" + some(string.ascii_uppercase, 16), lambda key: f"fetched with {key}"),
    "AzureStorageKeyDetector": (some(WORD, 86) + "==", lambda key: f"Endpoints=https;AccountKey={key}"),
    "BasicAuthDetector": ("spring" + some(WORD, 6), lambda key: f"cloned ftp://lab:{key}@data.example"),
    "CloudantDetector": (some(HEX, 64), lambda key: f"cloudant_pw = {key}"),
    "DiscordBotTokenDetector": (
        f"M{some(WORD, 23)}.{some(WORD, 6)}.{some(WORD, 27)}",
        lambda key: f"posted as {key}",
    ),
    "GitHubTokenDetector": ("ghp_" + some(WORD, 36), lambda key: f"cloned with {key}"),
    "GitLabTokenDetector": ("glpat-" + some(WORD, 20), lambda key: f"cloned with {key}"),
    "IbmCloudIamDetector": (some(WORD, 44), lambda key: f"ibm_iam_api_key = {key}"),
    "IbmCosHmacDetector": (some(HEX, 48), lambda key: f"cos_hmac_secret_access_key = {key}"),
    "JwtTokenDetector": (jwt(), lambda key: f"signed in as {key}"),
    "MailchimpDetector": (some(HEX, 32) + "-us12", lambda key: f"mailed by {key}"),
    "NpmDetector": ("npm_" + some(WORD, 36), lambda key: f"//registry.example/:_authToken={key}"),
    "OpenAIDetector": (
        f"sk-{some(WORD, 20)}T3BlbkFJ{some(WORD, 20)}",
        lambda key: f"asked with {key}",
    ),
    "PypiTokenDetector": ("pypi-AgEIcHlwaS5vcmc" + some(WORD, 80), lambda key: f"uploaded with {key}"),
    "SendGridDetector": (f"SG.{some(WORD, 22)}.{some(WORD, 43)}", lambda key: f"mailed by {key}"),
    "SlackDetector": (
        f"xoxb-{some(string.digits, 12)}-{some(string.digits, 12)}-{some(WORD, 24)}",
        lambda key: f"posted by {key}",
    ),
    "SoftlayerDetector": (some(LOWER, 64), lambda key: f"softlayer_api_key = {key}"),
    "SquareOAuthDetector": ("sq0csp-" + some(WORD, 43), lambda key: f"paid by {key}"),
    "StripeDetector": ("rk_live_" + some(WORD, 24), lambda key: f"paid by {key}"),
    "TelegramBotTokenDetector": (f"{some('123456789', 10)}:{some(WORD, 35)}", lambda key: f"{key}"),
    "TwilioKeyDetector": ("SK" + some(LOWER, 32), lambda key: f"called by {key}"),
    "Base64HighEntropyString": (some(WORD, 40), lambda key: f"loaded '{key}' at once"),
    "HexHighEntropyString": (some(HEX, 40), lambda key: f"loaded '{key}' at once"),
    "KeywordDetector": ("spring-" + some(WORD, 7), lambda key: f"password = '{key}'"),
}


def test_each_detector_that_is_used_is_shown_here():
    assert {*PLUGINS.values(), *ENTROPY, "KeywordDetector"} == set(PLANTED)


@pytest.mark.parametrize("detector", PLANTED)
def test_what_a_detector_is_for_is_found_and_hidden(detector: str):
    secret, line = PLANTED[detector]
    text = line(secret)
    # it is detect-secrets that finds it, of a JSON web token all but its signature, whatever rules of heal's own do besides
    found = {text[span.start : span.end] for span in scanned(text)}
    assert any(secret in one or (secret.startswith(one) and len(one) > len(secret) / 2) for one in found), found
    own = Redactor({}, Privacy(), Names())
    assert (secret[4:-4] in own.hide(text), own.restore(own.hide(text))) == (False, text)


def test_of_an_address_the_password_alone_is_hidden_however_short():
    assert Redactor({}, Privacy(), Names()).hide("psql postgres://lab:labpw@db.example/results") == (
        "psql postgres://lab:<secret-1>@db.example/results"
    )
