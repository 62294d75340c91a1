#!/bin/bash
set -e
sort -u ids.txt | sponge ids.txt
wc -l ids.txt
