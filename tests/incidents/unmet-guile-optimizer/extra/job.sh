#!/bin/bash
guile --no-auto-compile opt.scm
