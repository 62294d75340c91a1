"""Passwords that a call is given by their place, or that a setter's name tells: ``login("me", "…")``. Pure.

Of two that are given the second opens something, of three the third: a host, or what names it, comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.payload.spans import Span, named_places
from heal.payload.values import opens_something

_STRING = r"[bru]?(?:\"[^\"\n]{0,160}\"|'[^'\n]{0,160}')"
_BARE = r"[A-Za-z_$][\w.$:]{0,60}(?:\(\)|\[[^\]\n]{1,40}\])?"
_KEY = r"(?:[A-Za-z_]\w{0,30}[ ]?=[ ]?)?"
_ANY = rf"{_KEY}(?:{_STRING}|{_BARE})"
_LAST = r"[bru]?(?:\"(?P<q>[^\"\n]+)\"|'(?P<a>[^'\n]+)')\s{0,8}[,)]"
_PAUSE = r"\s{0,24},\s{0,24}"
_PORT = rf"(?:{_PAUSE}(?:{_KEY})?[0-9]{{2,5}})?"
_LOGS_IN = (
    r"(?:log_?in|log_?on|sign_?in|authenticate|set_?credentials?|set_?auth|[A-Za-z]{0,20}PasswordAuth\w{0,20}"
    r"|UsernamePassword\w{0,20}|HTTP\w{0,10}Auth|BasicAuth\w{0,12}|PasswordCredentials?|Account)"
)
_CONNECTS = (
    r"(?:(?:db_?)?connect(?:ion)?|get_?connection|create_?connection|create_?pool|newInstance|FTP(?:_TLS)?|mysqli"
    r"|mysql_connect|Gateway|\w{1,30}(?:Gateway|Client|Connection|Session))"
)
# who is first, before the word that opens it; here the host is the last
_USER_FIRST = r"(?:cx_Oracle|oracledb)\.(?:connect|create_pool|SessionPool)|BlitzGateway"
_CALLS = (
    # both are strings, or the first is what a variable holds
    (rf"(?i)\b(?P<name>{_LOGS_IN})\(\s{{0,24}}{_STRING}{_PAUSE}{_LAST}", False),
    (rf"(?i)\b(?P<name>{_LOGS_IN})\(\s{{0,24}}{_BARE}{_PAUSE}{_LAST}", True),
    (rf"(?i)\b(?P<name>{_LOGS_IN})\(\s{{0,24}}{_ANY}{_PORT}{_PAUSE}{_ANY}{_PAUSE}{_LAST}", True),
    (rf"(?i)\b(?P<name>{_CONNECTS})\(\s{{0,24}}{_ANY}{_PORT}{_PAUSE}{_ANY}{_PAUSE}{_LAST}", True),
    (rf"\b(?P<name>(?:{_USER_FIRST}))\(\s{{0,24}}{_ANY}{_PAUSE}{_LAST}", False),
    # keys of a service, behind its address
    (
        rf"\b(?P<name>\w{{2,30}}(?:Instance|Client|Api))\(\s{{0,24}}[\"']https?://[^\"'\n]{{1,160}}[\"']{_PAUSE}{_LAST}",
        True,
    ),
    (rf"(?i)\b(?P<name>log_?in)\([^()\n]{{0,100}}\bkey[ ]?=[ ]?{_LAST}", True),
    (rf"(?i)\b(?P<name>key_set_with_value)\([^()\n]{{0,160}},\s{{0,8}}{_LAST}", False),
)
_SETS = (
    r"(?i)\b(?P<name>(?:(?:set|with|use)_?(?:[a-z]{1,20}_?)??|(?:[a-z]{1,20}_)?)"
    r"(?:password|passwd|passphrase|pwd|(?:auth_?|access_?|api_?|bearer_?)?token|api_?key|secret(?:_?key)?))"
    r"\(\s{0,8}[bru]?(?:\"(?P<q>[^\"\n]+)\"|'(?P<a>[^'\n]+)')\s{0,8}\)"
)
_SETTER = re.compile(r"(?:set|with|use)", re.IGNORECASE)
# what asks for one, or looks one up, is given a prompt or a name
_ASKS = re.compile(
    r"(?:get|ask|read|find|fetch|load|check|is|has|next|peek|expect|new|make|hash|verify)_?", re.IGNORECASE
)
_PLAIN = re.compile(
    r"[A-Za-z_][A-Za-z_.-]*|[a-z]+(?:_[a-z0-9]+)+|.{1,5}|[\w.-]+\.[a-z]{2,5}|[\w.-]+/[\w./:-]+|https?:.*"
)


def in_calls(text: str) -> Iterator[Span]:
    """The strings whose place in a call, or whose call's name, says that they open something."""
    for rule, unsure in _CALLS:
        for _, _, _, start, end in named_places(rule, text, "name", ("q", "a")):
            value = text[start:end]
            if opens_something("password", value) and not (unsure and _PLAIN.fullmatch(value)):
                yield Span(start, end, "option")
    for name, _, _, start, end in named_places(_SETS, text, "name", ("q", "a")):
        value = text[start:end]
        unsure = not _SETTER.match(name)
        if not _ASKS.match(name) and opens_something(name, value) and not (unsure and _PLAIN.fullmatch(value)):
            yield Span(start, end, "setting")
