#!/bin/bash
set -e
pdflatex -interaction=nonstopmode -halt-on-error methods.tex
pdflatex -interaction=nonstopmode -halt-on-error methods.tex > second.log
