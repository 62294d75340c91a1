#!/bin/bash
sphinx-build --version
sphinx-build -b html src out
