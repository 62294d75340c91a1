#!/bin/bash
set -e
makeinfo --version | head -1
makeinfo --plaintext small.texi
makeinfo --html --no-split manual.texi -o manual.html
ls manual.html
