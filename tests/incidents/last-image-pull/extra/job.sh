#!/bin/bash
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot CONTAINERS_STORAGE_CONF=/data/proj/st.conf
for i in registry.lab.example:18405/lab/aln:2; do echo "pull $i"; timeout 100 buildah pull --tls-verify=false --retry 1 --retry-delay 1s $i || r=$?; done
c=$(buildah from --pull-never registry.lab.example:18405/lab/aln:2 2>/dev/null) || echo "no aln image"
exit ${r:-0}
