#!/bin/bash
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=/data/proj/st.conf
echo "building tools image"
buildah bud -q -t tools:3 -f Containerfile . ; r=$?
buildah images tools:3 | tail -n 1
exit $r
