#!/bin/bash
set -e
swipl --version
echo "2 queries"
swipl -q --stack-limit=64m -g "consult(anc), anc(ann,X), writeln(X)" -t halt -- 
swipl -q --stack-limit=64m -g "consult(anc), path(ann,Z,L), length(L,N), writeln(Z-N)" -t 'halt(1)' 
