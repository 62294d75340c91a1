#!/bin/bash
# An R that runs scripts: get_r.sh prints the path of Rscript. Installed where it is missing, this is Debian, we are root
# and CI=true; two that run at once install one.
set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/heal-tests"
readonly INSTALL="apt-get install -y --no-install-recommends r-base-core"

mkdir -p "$CACHE" && exec 9>"$CACHE/r.lock" && flock 9 || { echo "get_r.sh: no lock in $CACHE" >&2; exit 1; }
command -v Rscript && exit 0
if [ "${CI-}" != true ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "get_r.sh: no Rscript here" >&2
    exit 1
fi
$INSTALL >"$CACHE/r.log" 2>&1 || { apt-get update && $INSTALL; } >>"$CACHE/r.log" 2>&1
command -v Rscript || { echo "get_r.sh: R could not be installed" >&2; tail -n 20 "$CACHE/r.log" >&2; exit 1; }
