"""Rows and items that an R text leaves out: by a condition, by their numbers, or because another table lacks them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.guard import parts
from heal.guard.brackets import apart, emptied, within
from heal.guard.hiding import HIDING
from heal.guard.rules import Trait

_INDEXED = re.compile(r"(?<=[\w.)\]])\[(?!\[)")
_ASKS = re.compile(
    r"[<>]=?|[=!]=|%in%|!|\b(?:is\.\w+|which|grepl|duplicated|complete\.cases|nzchar|startsWith|endsWith|str_detect"
    r"|file\.exists|between|isTRUE|rowSums|sample)\s*\("
)
# numbers alone; a range to a name or a call is as long as what it names
_NUMBERS = re.compile(
    r"\s*(?:-?\d+L?\s*:\s*-?\d+L?|c\s*\(\s*-?\d+L?(?:\s*[,:]\s*-?\d+L?)*\s*\)|seq\w*\s*\([^()]*\))\s*"
)
_MASK = re.compile(r"(?m)(?:^|[;{])[ \t]*([A-Za-z.][\w.]*)[ \t]*(?:<-|=(?!=))[ \t]*([^\n;]+)")
_FIXED = re.compile(r"\s*(?:-?\d[\d.eE-]*|NA\w*|\"[^\"\n]*\"|TRUE|FALSE)\s*(?=[;\n}]|\Z)")
_COMPUTED = re.compile(r"\s*(?:(?:\.|list)\s*\(|[A-Za-z.][\w.]*\s*=(?!=))")
_GIVEN = re.compile(r"\s*(?:<-|=(?!=)|<<-)")
_LEFT_OUT = re.compile(
    r"(?<![\w.$@])(unique|distinct|intersect|semi_join|anti_join|tail|top_n|top_frac|keep|compact|str_subset|first"
    r"|last|nth)\s*\("
)
_PAIRED = re.compile(r"(?<![\w.$@])(inner_join|merge)\s*\(")
_LISTED = re.compile(r"(?<![\w.$@])(?:list\.files|dir|dir_ls|list\.dirs)\s*\(")
_CHOSEN = re.compile(r"\b(?:pattern|regexp|glob)\s*=")
_KEEPS_ALL = re.compile(r"\ball(?:\.[xy])?\s*=\s*T")


def traits(code: str) -> Iterator[Trait]:
    """Each of them, by its kind and not by its words: the same choice in other words leaves out what it left out."""
    bare = emptied(code)
    yield from _indexed(bare)
    yield from parts.of_r(bare)
    for found in _LEFT_OUT.finditer(bare):
        yield _trait("hide.skip", found[1], bare, found.start())
    for found in _LISTED.finditer(bare):
        if _CHOSEN.search(within(bare, found.end())):
            yield _trait("hide.skip", "files by a pattern", bare, found.start())
    for found in _PAIRED.finditer(bare):
        if found[1] == "inner_join" or not _KEEPS_ALL.search(within(bare, found.end())):
            yield _trait("hide.drop_rows", "rows that two tables share", bare, found.start())


def _indexed(bare: str) -> Iterator[Trait]:
    masks = {found[1] for found in _MASK.finditer(bare) if _chooses(found[2])}
    for found in _INDEXED.finditer(bare):
        inside = within(bare, found.end())
        if given := _GIVEN.match(bare, found.end() + len(inside) + 1):
            if _chooses(inside) and _FIXED.match(bare, given.end()):
                yield _trait("hide.drop_rows", "values by a condition", bare, found.start())
            continue
        for one in _dimensions(inside):
            if _chooses(one) or one.strip().lstrip("!-") in masks:
                yield _trait("hide.drop_rows", "rows by a condition", bare, found.start())
            elif _NUMBERS.fullmatch(one):
                yield _trait("hide.skip", "items by their numbers", bare, found.start())


def _trait(rule: str, key: str, code: str, at: int) -> Trait:
    return Trait(HIDING[rule], key, code.count("\n", 0, at) + 1)


def _chooses(text: str) -> bool:
    """True for a condition; what stands between the brackets of a call or an index in it is none of its own."""
    return _ASKS.search(re.sub(r"\[[^\[\]]*\]", "", text)) is not None and "function" not in text


def _dimensions(inside: str) -> list[str]:
    """What is said of rows and of columns, which may be samples; what is computed for each row chooses nothing."""
    return [one for one in apart(inside)[:2] if ":=" not in one and not _COMPUTED.match(one)]
