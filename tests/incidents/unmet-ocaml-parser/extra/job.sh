#!/bin/bash
ocamlfind ocamlopt total.ml -o total 2>&1 || ocamlopt total.ml -o total
