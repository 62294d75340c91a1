#!/bin/bash
set -e
export REGISTRY_AUTH_FILE=$PWD/auth.json; echo '{}' > auth.json
mkdir -p images
skopeo copy --src-tls-verify=false docker://registry.lab.internal:5999/tools/fastp:0.23 dir:images/fastp
ls images/fastp
