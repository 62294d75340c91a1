#!/bin/bash
pdflatex -interaction=nonstopmode -halt-on-error report.tex
rc=$?
[ -e report.pdf ] && cp report.pdf ../ 
exit $rc
