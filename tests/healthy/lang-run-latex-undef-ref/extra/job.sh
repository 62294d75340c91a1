#!/bin/bash
pdflatex -interaction=nonstopmode paper.tex
pdflatex -interaction=nonstopmode paper.tex | tail -5
test -s paper.pdf && echo "paper built"
