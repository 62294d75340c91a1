#!/bin/bash
echo "inspecting saved images"
for i in img/*; do
  skopeo inspect --format '{{.Architecture}}' oci:$i || { rc=$?; echo "image $i unusable" >&2; exit $rc; }
done
