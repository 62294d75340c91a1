#!/bin/bash
export PATH=/data/sw/env2/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
export PIPENV_NOSPIN=1 PIPENV_VENV_IN_PROJECT=1
pipenv lock; r=$?
ls Pipfile.lock && pipenv sync; exit $r
