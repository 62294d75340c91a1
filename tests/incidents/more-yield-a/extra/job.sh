#!/bin/bash
dvc version 2>/dev/null | head -1
dvc repro && dvc status
