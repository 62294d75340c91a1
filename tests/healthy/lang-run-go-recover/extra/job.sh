#!/bin/bash
set -e
go run walk.go samples
echo "walk complete"
