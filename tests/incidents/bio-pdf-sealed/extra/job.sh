#!/bin/bash
set -u
for f in protocol consent; do qpdf --check $f.pdf && qpdf --linearize $f.pdf $f.web.pdf; done
ls *.web.pdf
[ -s consent.web.pdf ]
