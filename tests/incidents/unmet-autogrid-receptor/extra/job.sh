#!/bin/bash
set -e
autogrid4 -p rec.gpf -l rec.glg
