#!/bin/bash
set -e
echo "syncing protocols"
svn checkout --non-interactive svn://svn.example.org/protocols/trunk wc
ls wc
