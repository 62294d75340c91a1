#!/bin/bash
set -e
for i in base node; do qemu-img convert -p -O raw $i.qcow2 $i.raw; ls -l $i.raw; done
