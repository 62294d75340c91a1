#!/bin/bash
set -e
erlc w.erl
erl -noshell -run w main -s init stop
