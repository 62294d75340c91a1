#!/bin/bash
nox --list | tail -5
nox -s docs lint --no-venv
