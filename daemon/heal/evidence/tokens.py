"""How many tokens of a model a text takes at most, without any model's tokenizer.

Tokenizers cut words into pieces of about four letters, numbers into pieces of up to three digits, and take a sign
for itself; spaces go with the word that follows. Counted like this, a log comes out above what they really make of it.
"""

from __future__ import annotations

import re

_PIECES = re.compile(r"[A-Za-z]+|[0-9]+|\n|[^\sA-Za-z0-9]")
_LETTERS, _DIGITS = 4, 3


def tokens(text: str) -> int:
    """An estimate on the high side: four letters, three digits or one other sign to a token, and each line end."""
    total = 0
    for piece in _PIECES.findall(text):
        if piece[0].isascii() and piece[0].isalpha():
            total += -(-len(piece) // _LETTERS)
        elif piece[0].isascii() and piece[0].isdigit():
            total += -(-len(piece) // _DIGITS)
        else:
            # a sign outside ASCII may take a token for each of its bytes
            total += max(1, len(piece.encode("utf-8", "replace")) - 1)
    return total
