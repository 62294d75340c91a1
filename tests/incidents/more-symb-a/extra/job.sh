#!/bin/bash
sbcl --version
sbcl --dynamic-space-size 60MB --noinform --disable-debugger --load acc.lisp
