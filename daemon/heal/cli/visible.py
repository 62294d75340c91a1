"""Other people's text on a terminal: nothing of it steers the terminal or breaks a line."""

from __future__ import annotations


def visible(text: str) -> str:
    """A line without signs that steer a terminal; a carriage return, which some editors leave, is shown too."""
    kept = text.rstrip("\n").expandtabs(8)
    return "".join(sign if sign.isprintable() else _named(sign) for sign in kept)


def _named(sign: str) -> str:
    code = ord(sign)
    if code < 0x20:  # noqa: PLR2004 - the pictures of control signs begin at U+2400
        return chr(0x2400 + code)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - a byte that is no UTF-8, as Python keeps it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}"
