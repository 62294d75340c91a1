#!/bin/bash
echo "ecl test suite"
ecl --shell t.lisp
echo "suite finished"
