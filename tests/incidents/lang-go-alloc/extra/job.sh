#!/bin/bash
go build -o loadref load.go || exit 2
echo "loading references on $(hostname)"
ulimit -v 1500000
./loadref 40
echo "exit $?"; test -s ref.idx
