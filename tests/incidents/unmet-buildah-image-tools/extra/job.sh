#!/bin/bash
set -e
buildah --storage-driver vfs bud --isolation chroot --retry 1 --retry-delay 1s -t tools .
