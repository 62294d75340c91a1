#!/bin/bash
set -e
qemu-img --version | head -1
qemu-img info --force-share disk.qcow2 | head -4
qemu-img resize disk.qcow2 +64M
qemu-img convert -O raw disk.qcow2 disk.raw
