#!/bin/bash
shellcheck -f gcc run.sh
