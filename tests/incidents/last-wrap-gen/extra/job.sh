#!/bin/bash
swig -version | sed -n 2p
swig -python -o wrap.c geo.i; r=$?
ls wrap.c; exit $r
