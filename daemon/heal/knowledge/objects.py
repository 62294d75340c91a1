"""The thing that a line speaks of, put into a cause that is worded in general. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from heal.knowledge.naming import Kind, Named, named
from heal.records import Label

# what a failure of each label is about; the first kind that the line names is told
_ABOUT: Mapping[Label | None, tuple[Kind, ...]] = {
    Label.MISSING_INPUT: (Kind.PATH, Kind.URL),
    Label.MISSING_OUTPUT: (Kind.PATH,),
    Label.BAD_INPUT_DATA: (Kind.PATH,),
    Label.PERMISSION: (Kind.PATH,),
    Label.BAD_PARAMETER: (Kind.OPTION,),
    Label.NETWORK: (Kind.HOST, Kind.URL),
    Label.AUTH: (Kind.HOST, Kind.URL),
    Label.MISSING_DEPENDENCY: (Kind.MODULE, Kind.PROGRAM, Kind.LIBRARY),
    Label.ENVIRONMENT_SOLVE: (Kind.MODULE,),
    Label.CONTAINER: (Kind.IMAGE,),
}
# what is named in words that are worth no look: a package, an option that is missing, a host that was spoken to
_Q = "['\"`\u2018\u201c]?"
_MORE: Mapping[Label | None, re.Pattern[str]] = {
    Label.ENVIRONMENT_SOLVE: re.compile(
        r"(?:distribution found for|version found for|satisfies the requirement|locate package|versions for gem"
        rf"|find gem|the requirement|load module|Package) {_Q}"
        r"(?P<n>\w[\w.@/+^-]{0,100}(?:[=<>~!]{1,3}[\w.*]{1,40})?)"
    ),
    Label.BAD_PARAMETER: re.compile(
        r"(?i)\b(?:arguments?|options?|value for|values? of|with|required:|invalid|missing)"
        rf"(?: {_Q}| \S{{1,3}}/)(?P<n>--[a-z][\w-]{{1,60}})"
    ),
    Label.NETWORK: re.compile(
        rf"(?i)(?:connect(?:ion|ing)? to(?: server at)?|ECONNREFUSED|resolving|certificate of) {_Q}"
        r"(?P<n>[\w-]{1,80}(?:\.[\w-]{1,80}){1,8}(?::\d{1,5})?)"
        r"|(?P<m>[\w-]{1,80}(?:\.[\w-]{1,80}){1,8}(?::\d{1,5})?): (?:Name or service|\[Errno 111\])"
    ),
    Label.MISSING_INPUT: re.compile(
        rf"(?i)(?:cannot find file|can't read|cannot open|sequence file|unable to open) {_Q}"
        r"(?P<n>[\w./-]{0,200}\.[A-Za-z]\w{0,20}|[\w-]{1,80}/[\w./-]{1,200})"
    ),
}
# of an address its host and path are told: who is let in, and with what, is nothing to repeat. An image's digest is not
_LET_IN = re.compile(r"(?P<scheme>[\w+.-]{1,40}://)(?P<who>\S*)@(?!sha256:)(?P<rest>\S*)")
_UNCLEAR = re.compile(r"[/?#'\"`<>()\[\]]")
_ADDRESS = re.compile(r"\w[\w+.-]*://[\w.-]*(?::\d{1,5})?(?:/[^?#&;]*)?(?=$|[?#&;])")
_LONGEST, _CLIP = 200, 2000
_PLACE = re.compile(r"['\"]?, line \d|:\d")
_HOST = re.compile(r"[.\d]|localhost")


def about(cause: str, label: Label | None, line: str) -> str:
    """The cause with the file, option, host or module that the line names, where it names none itself."""
    line = _LET_IN.sub(_without_user, line[:_CLIP])
    kinds = _ABOUT.get(label, ())
    things = named(line) if kinds else ()
    thing = next((one.text for kind in kinds for one in things if one.kind is kind and _is_it(one, line)), "")
    thing = thing or _in_other_words(label, line)
    if "://" in thing:
        address = _ADDRESS.match(thing)
        thing = address[0] if address else ""
    if not thing or len(thing) > _LONGEST or thing in cause:
        return cause
    return f"{cause.removesuffix('.')}: {thing}."


def _without_user(found: re.Match[str]) -> str:
    """An address without user and password; nothing of one where these may end at another @ than its last."""
    return "" if _UNCLEAR.search(found["who"]) else found["scheme"] + found["rest"]


def _in_other_words(label: Label | None, line: str) -> str:
    found = _MORE[label].search(line) if label in _MORE else None
    return next((text for text in found.groupdict().values() if text), "").rstrip(".") if found else ""


def _is_it(one: Named, line: str) -> bool:
    """False of a word that only stands where a host does, of a place in a source, and of what was to be made of it."""
    if one.kind is Kind.HOST:
        return bool(_HOST.search(one.text))
    at = line.find(one.text)
    return not _PLACE.match(line[at + len(one.text) :]) and f"[{one.text}] " not in line
