#!/bin/bash
set -e
cryptsetup isLuks vault.img && echo "LUKS container"
cryptsetup luksDump vault.img | grep -E "^(Version|UUID)" | head -1
cryptsetup open --test-passphrase --key-file keys/lab.key vault.img
echo "unlocked"
