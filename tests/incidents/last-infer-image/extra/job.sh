#!/bin/bash
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=/data/proj/st.conf
c=$(buildah from --device /dev/nvidia0 --device /dev/nvidiactl scratch)
buildah copy -q $c net.onnx /net.onnx
buildah run $c -- /infer; r=$?
buildah rm $c >/dev/null; exit $r
