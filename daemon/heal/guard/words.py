"""What is found by its words in any text: places, addresses, and rows of patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from heal.guard.powers import POWERS
from heal.guard.rules import Rule, Trait

Row = tuple[Rule, re.Pattern[str]]

_SENSITIVE = re.compile(
    r"(?i)(?:~|\$\{?HOME\}?|/root|/home/[\w.-]+|%h)?/?(?<![\w-])\.(?:ssh|aws|gnupg|netrc|kube"
    r"|docker/config|bashrc|bash_profile|profile|zshrc|config/gcloud"
    r"|pypirc|git-credentials|pgpass|my\.cnf|condarc|Renviron|Rprofile|Xauthority|authinfo|vault-token"
    r"|env(?=[\s\"';]|$))\b"
    r"|/etc/(?:passwd|shadow|sudoers|cron\w*|ssh|ld\.so\S*|profile\S*|environment|hosts|slurm\S*|munge\S*"
    r"|krb5\S*)"
    r"|/proc/(?:self|\d+|\*|\$\$|\w+)/(?:environ|mem|maps|cmdline|fd|root)|/var/run/\w+\.sock"
    r"|/run/\w+\.sock|/dev/(?:tcp|udp|mem|kmem|sd[a-z]|nvme\w*|shm)"
    r"|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|authorized_keys|known_hosts|munge\.key|169\.254\.169\.254"
    r"|metadata\.google"
)
_OWN = re.compile(r"(?<![\w.])\.(?:git|heal|snakemake|nextflow)(?:/[\w./-]*|(?=[\s\"']|$))")
_ABSOLUTE = re.compile(
    r"(?<![\w.$}\])/:>%*~@-])/(?:[A-Za-z][\w.+-]*)(?:/[\w.+*{}$-]+)*/?|(?<![\w/.])~/[\w./-]*"
    r"|\$\{?HOME\b\}?[\w./-]*|(?:\.\./)+[\w./-]*"
)
_USUAL = re.compile(
    r"^/(?:usr/(?:local/)?bin/(?:env|bash|sh|python3?|Rscript|perl)\b|bin/(?:ba)?sh\b|dev/(?:null|stdout"
    r"|stderr|stdin|fd(?:/\d+)?))"
)
_URL = re.compile(
    r"(?i)\b(?:https?|ftps?|sftp|ssh|git|s3|gs|az|file|data|docker|library|shub|oras|rsync|irods|xrootd"
    r"|dav|webdav|jdbc|ldap|rmi|jar)(?:\+\w+)?://?[^\s\"'`<>)\]]*"
)
_IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\w.])")


def places(code: str, line: int = 1) -> Iterator[Trait]:
    """Every place and address that a text names outside the pipeline."""
    for number, text in enumerate(code.split("\n"), start=line):
        for found in (*_SENSITIVE.finditer(text), *_OWN.finditer(text)):
            yield Trait(POWERS["power.sensitive_path"], found[0], number)
        for found in (*_URL.finditer(text), *_IP.finditer(text)):
            yield Trait(POWERS["power.url"], found[0], number)
        plain = _URL.sub(" ", text)
        for found in _ABSOLUTE.finditer(plain):
            if not _USUAL.match(found[0]) and len(found[0]) > 2:  # noqa: PLR2004 - "/x" is a regex or a division
                yield Trait(POWERS["power.absolute_path"], found[0], number)


# what these say of names is not what matters: a column that is called otherwise is no other filter
_BY_SHAPE = frozenset({"hide.skip", "hide.leaves_out", "hide.check_changed", "hide.check_weaker"})


def _masked(key: str) -> str:
    """The key with its names but the first taken out; numbers, operators and strings stay."""
    first = re.match(r"\W*[\w.]+", key)
    start = first.end() if first else 0
    return key[:start] + re.sub(
        r"""(["'])(?:\\.|(?!\1).)*\1|\b[A-Za-z_][\w.]*\b(?!\s*\()""", lambda one: one[0] if one[1] else "v", key[start:]
    )


def matched(rows: Iterable[Row], code: str, line: int = 1) -> Iterator[Trait]:
    """Every match of every row; the group ``key``, or all of the match, tells equal ones."""
    for rule, pattern in rows:
        for found in pattern.finditer(code):
            key = found.groupdict().get("key") or found[0]
            key = _masked(key) if rule.id in _BY_SHAPE else key
            yield Trait(rule, " ".join(key.split()), line + code.count("\n", 0, found.start()))


def rows(rules: dict[str, Rule], *pairs: tuple[str, str]) -> tuple[Row, ...]:
    """Rows of a table, from a rule's id and a pattern."""
    return tuple((rules[name], re.compile(pattern, re.MULTILINE)) for name, pattern in pairs)
