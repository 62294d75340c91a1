#!/bin/bash
set -e
mkdocs --version
mkdocs build --strict
