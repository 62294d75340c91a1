#!/bin/bash
set -e
qpdf --check a.pdf
qpdf --empty --pages a.pdf b.pdf -- all.pdf
