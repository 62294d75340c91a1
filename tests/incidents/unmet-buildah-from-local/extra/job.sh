#!/bin/bash
set -e
export BUILDAH_ISOLATION=chroot
echo "container for QC"
c=$(buildah --storage-driver vfs from --pull-never lab/qc:1.4)
buildah run $c qc --version
