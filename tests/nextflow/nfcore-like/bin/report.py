#!/usr/bin/env python3
"""A report of what was assembled."""

import sys


def title(words):
    if words == "long":
        return f"Assembly of {len(samples)}"
    return "Assembly"


names = sys.argv[2:]
print("<h1>", title(sys.argv[1]), "</h1>", *names)
