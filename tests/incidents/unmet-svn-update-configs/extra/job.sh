#!/bin/bash
set -e
svn --version -q
svn update wc
