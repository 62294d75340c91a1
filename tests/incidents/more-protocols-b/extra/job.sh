#!/bin/bash
svn --version -q
svn info --non-interactive --username ann --password pw2 --no-auth-cache svn://data.lab.local/trunk || exit 1
svn export --non-interactive svn://data.lab.local/trunk out
