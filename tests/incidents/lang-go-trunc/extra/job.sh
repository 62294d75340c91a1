#!/bin/bash
set -e
go build -o unpack unpack.go
head -c 3000 full.gz > part2.gz
for f in part1.gz part2.gz part3.gz; do ./unpack $f; done
echo finished
