#!/bin/bash
nox -s sweep --no-venv; rc=$?
echo "nox exit $rc"; exit $rc
