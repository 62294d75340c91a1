"""Two hundred secrets of twenty kinds, made from a fixed seed, and the texts of a pipeline that they turn up in."""

from __future__ import annotations

import base64
import json
import random
import string
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LETTERS = string.ascii_letters + string.digits
URL_SAFE = LETTERS + "-_"
HEX = "0123456789abcdef"
WORDS = ["Tiger", "lamp", "Quartz", "river", "Maple", "copper", "Falcon", "winter", "Anchor", "violet"]


@dataclass(frozen=True, slots=True)
class Secret:
    """``value`` must not be seen; ``shown`` is how it stands in a text: with its prefix, name or address."""

    kind: str
    value: str
    shown: str


def secrets(seed: int = 7, each: int = 10) -> Iterator[Secret]:
    """``each`` of every kind."""
    dice = random.Random(seed)  # noqa: S311 - the same each time, and no secret of anybody
    for kind, make in KINDS.items():
        for _ in range(each):
            value, shown = make(dice)
            yield Secret(kind, value, shown)


def _of(dice: random.Random, signs: str, length: int) -> str:
    return "".join(dice.choice(signs) for _ in range(length))


def _whole(prefix: str, signs: str, length: int) -> Callable[[random.Random], tuple[str, str]]:
    def make(dice: random.Random) -> tuple[str, str]:
        value = prefix + _of(dice, signs, length)
        return value, value

    return make


def _password(dice: random.Random) -> str:
    return dice.choice(WORDS) + dice.choice("-_!.+") + dice.choice(WORDS) + str(dice.randrange(10, 9999))


def _jwt(dice: random.Random) -> tuple[str, str]:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": str(dice.randrange(10**9)), "name": dice.choice(WORDS)}]
    told = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    value = ".".join([*told, _of(dice, URL_SAFE, 43)])
    return value, value


def _pem(dice: random.Random) -> tuple[str, str]:
    body = textwrap.fill(_of(dice, LETTERS + "+/", 380), 64)
    kind = dice.choice(["RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED "])
    # the value is a line of it: none of them may be seen
    return body.split("\n")[2], f"-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----"


def _basic(dice: random.Random) -> tuple[str, str]:
    value = base64.b64encode(f"lab:{_password(dice)}".encode()).decode()
    return value, f"Authorization: Basic {value}"


def _bearer(dice: random.Random) -> tuple[str, str]:
    value = _of(dice, URL_SAFE, 32)
    return value, f"Authorization: Bearer {value}"


def _cookie(dice: random.Random) -> tuple[str, str]:
    value = _of(dice, LETTERS, 26)
    return value, f"Cookie: sid={value}; theme=dark"


def _url(dice: random.Random) -> tuple[str, str]:
    value = _password(dice)
    scheme = dice.choice(["https", "ftp", "s3", "sftp", "http"])
    return value, f"{scheme}://lab:{value}@data.example.org/reads/S1.fastq.gz"


def _dsn(dice: random.Random) -> tuple[str, str]:
    value = _password(dice)
    scheme = dice.choice(["postgresql", "mysql", "mongodb+srv", "postgres", "redis", "amqp"])
    return value, f"{scheme}://pipeline:{value}@db.example.org:5432/results"


def _setting(dice: random.Random) -> tuple[str, str]:
    value = _password(dice)
    name = dice.choice(["password", "db_password", "passwd", "ftp_secret", "client_secret", "passphrase"])
    sign = dice.choice(["=", ": ", " = "])
    return value, f"{name}{sign}{dice.choice([value, json.dumps(value)])}"


def _option(dice: random.Random) -> tuple[str, str]:
    value = _password(dice)
    return value, dice.choice(["--password {}", "--api-key={}", "--token {}", "--secret-key {}"]).format(value)


def _netrc(dice: random.Random) -> tuple[str, str]:
    value = _password(dice)
    return value, f"machine ftp.example.org login lab password {value}"


def _pgpass(dice: random.Random) -> tuple[str, str]:
    value = _password(dice)
    return value, f"db.example.org:5432:results:lab:{value}"


def _aws_secret(dice: random.Random) -> tuple[str, str]:
    value = _of(dice, LETTERS + "+/", 40)
    return value, f"aws_secret_access_key = {value}"


def _docker(dice: random.Random) -> tuple[str, str]:
    value = base64.b64encode(f"lab:{_password(dice)}".encode()).decode()
    return value, f'{{"auths": {{"registry.example.org": {{"auth": "{value}"}}}}}}'


def _r(dice: random.Random) -> tuple[str, str]:
    value = _of(dice, LETTERS, 24)
    return value, f'Sys.setenv(NCBI_API_KEY = "{value}")'


KINDS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "aws id": _whole("AKIA", string.ascii_uppercase + "234567", 16),
    "aws secret": _aws_secret,
    "google": _whole("AIza", URL_SAFE, 35),
    "github": _whole("ghp_", LETTERS, 36),
    "gitlab": _whole("glpat-", URL_SAFE, 20),
    "slack": lambda dice: _whole("xoxb-" + _of(dice, string.digits, 11) + "-", LETTERS, 24)(dice),
    "model": _whole("sk-proj-", LETTERS, 48),
    "hugging face": _whole("hf_", LETTERS, 34),
    "npm": _whole("npm_", LETTERS, 36),
    "jwt": _jwt,
    "private key": _pem,
    "basic": _basic,
    "bearer": _bearer,
    "cookie": _cookie,
    "url": _url,
    "dsn": _dsn,
    "setting": _setting,
    "option": _option,
    "netrc": _netrc,
    "docker": _docker,
    "r": _r,
    "pgpass": _pgpass,
}


# --- where they stand --------------------------------------------------------------------------


def _in_log(shown: str, n: int) -> str:
    return f"2026-03-01 12:00:{n % 60:02} INFO fetching sample S{n}\n{shown}\n[error] curl: (22) returned error: 401\n"


def _in_script(shown: str, n: int) -> str:
    return f"#!/bin/bash\nset -euo pipefail\n# sample S{n}\nfetch {shown}\nsamtools sort -o S{n}.bam in.bam\n"


def _in_environment(shown: str, n: int) -> str:
    return f"PATH=/usr/bin:/bin\nSAMPLE=S{n}\nPIPELINE_TOKEN_{n}={shown}\nLANG=C.UTF-8\n"


def _in_diff(shown: str, n: int) -> str:
    added = "\n".join(f"+{line}" for line in shown.split("\n"))
    return f"diff --git a/conf.txt b/conf.txt\n@@ -{n},2 +{n},3 @@\n sample: S{n}\n{added}\n threads: 4\n"


def _in_yaml(shown: str, n: int) -> str:
    inside = "\n".join(f"    {line}" for line in shown.split("\n"))
    return f"samples:\n  S{n}:\n    reads: data/S{n}.fastq.gz\nextra: |\n{inside}\nthreads: 8\n"


def _in_json(shown: str, n: int) -> str:
    return json.dumps({"sample": f"S{n}", "said": shown, "threads": 4}, indent=1)


def _in_command(shown: str, n: int) -> str:
    return f"+ srun --job-name=S{n} fetch '{shown}' --out results/S{n}\n"


def _in_traceback(shown: str, n: int) -> str:
    return (
        'Traceback (most recent call last):\n  File "scripts/fetch.py", line 12, in main\n'
        f"    get({shown!r}, sample='S{n}')\nRuntimeError: refused: {shown}\n"
    )


PLACES = (_in_log, _in_script, _in_environment, _in_diff, _in_yaml, _in_json, _in_command, _in_traceback)
