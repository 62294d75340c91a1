#!/bin/bash
set -e
mkdir -p mnt
for d in disk1 disk2; do
  echo "mounting $d"; mount -o loop,ro $d.img mnt; ls -l mnt | tail -n +2; umount mnt
done
