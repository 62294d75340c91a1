#!/bin/bash
set -e
sbcl --noinform --non-interactive --eval '(require :asdf)' --eval '(print (asdf:asdf-version))'
echo
sbcl --noinform --non-interactive --load fit.lisp
