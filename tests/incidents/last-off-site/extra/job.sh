#!/bin/bash
duplicity --version
duplicity --no-encryption d b2://acct:key@bucket/nightly; r=$?
echo "off-site copy: $r"; exit $r
