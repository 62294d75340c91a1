#!/usr/bin/env python3
"""Holds as many MB as its first argument says; ends as what the kernel kills where its second allows less."""

import os
import signal
import sys

needs, given = map(int, sys.argv[1:3])
if needs > given:
    os.kill(os.getpid(), signal.SIGKILL)
print(">contig")
