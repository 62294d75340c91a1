#!/bin/bash
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=/data/proj/st.conf
c=$(buildah from scratch); echo "container $c"
buildah copy -q $c model.bin /model.bin
buildah run $c -- /usr/bin/score /model.bin; r=$?
buildah rm $c > /dev/null; exit $r
