#!/bin/bash
echo "integrating"
sbcl --script int.lisp || exit $?
echo done
