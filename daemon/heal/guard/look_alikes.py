"""Names in letters of other scripts that look like ours: what they look like, and whether one mixes them with ours."""

from __future__ import annotations

import re

# letter by letter: of Unicode's confusables.txt (UTS 39) those that Cyrillic, Greek and Armenian fonts draw as ours
_SAME = {
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425": "ABEKMHOPCTYX",
    "\u0405\u0406\u0408\u04ba\u050c\u051a\u051c\u04c0": "SIJHGQWl",
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458": "aeopcyxsij",
    "\u04bb\u0501\u051b\u051d\u0475\u04cf": "hdqwvl",
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7": "ABEZHIKMNOPTYX",
    "\u03f9\u03f3\u037f": "CjJ",
    "\u03bf\u03b9\u03bd\u03c1\u03c5\u03ba\u03f2": "oivpukc",
    "\u0585\u057d\u0570\u0578\u0566\u0581": "ouhnqg",
}
# what is only near to ours, or a letter of somebody's language beside ours: alpha, tau, the dotless i of Turkish
_NEAR = {
    "\u043a\u0442\u0433\u043f\u050d": "ktrng",
    "\u03b1\u03b3\u03b7\u03c4\u03c7\u03c9": "aynrxw",
    "\u0131\u0251\u0261\ua781": "iagl",
    "\u2010\u2011\u2012\u2013\u2212": "-----",
}
_LETTERS = {ord(one): like for theirs, ours in _SAME.items() for one, like in zip(theirs, ours, strict=True)}
_ALL = _LETTERS | {ord(one): like for theirs, ours in _NEAR.items() for one, like in zip(theirs, ours, strict=True)}
_WORD = re.compile(r"[^\W\d_]+")


def as_ours(name: str) -> str:
    """The name as it looks to who knows our letters alone."""
    return name.translate(_ALL)


def mixed(name: str) -> bool:
    """True where a word of it has letters that only look like ours among ours: nobody's language is written so."""
    return any(
        any(one.isascii() for one in word) and any(ord(one) in _LETTERS for one in word) for word in _WORD.findall(name)
    )
