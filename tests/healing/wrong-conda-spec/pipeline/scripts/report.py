"""Print the table as the group's other tools read it."""

import sys

import labtable

with open(sys.argv[1]) as table:
    print(labtable.tabs(table.read()), end="")
