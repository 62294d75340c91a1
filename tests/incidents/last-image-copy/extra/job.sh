#!/bin/bash
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=/data/proj/st.conf
ls ctx
buildah bud -t caller:1 ctx; r=$?
buildah images -a | grep -c caller
exit $r
