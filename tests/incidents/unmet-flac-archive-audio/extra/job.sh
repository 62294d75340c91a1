#!/bin/bash
set -e
soxi night.wav
flac -s -f night.wav -o vol/night.flac
