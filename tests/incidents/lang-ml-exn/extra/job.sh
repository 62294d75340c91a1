#!/bin/bash
set -e
ocamlfind ocamlopt -version 2>/dev/null || ocamlopt -version
ocamlopt -g -o mst mst.ml
./mst graph.txt
