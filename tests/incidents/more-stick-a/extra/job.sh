#!/bin/bash
set -e
parted -s a.img mklabel gpt mkpart data 1MiB 6MiB print
parted -s b.img unit MiB print
echo "both sticks listed"
