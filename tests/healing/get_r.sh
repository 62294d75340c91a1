#!/bin/bash
# An R that runs scripts, with the package Matrix: get_r.sh prints the path of Rscript. Installed where it is missing, this
# is Debian, we are root and CI=true; two that run at once install one.
set -u
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
readonly CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/heal-tests"
readonly INSTALL="apt-get install -y --no-install-recommends r-base-core r-cran-matrix"

mkdir -p "$CACHE" && exec 9>"$CACHE/r.lock" && flock 9 || { echo "get_r.sh: no lock in $CACHE" >&2; exit 1; }
ready() { Rscript -e 'quit(status = !requireNamespace("Matrix"))' >/dev/null 2>&1 && command -v Rscript; }
ready && exit 0
if [ "${CI-}" != true ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "get_r.sh: no Rscript with the package Matrix here" >&2
    exit 1
fi
$INSTALL >"$CACHE/r.log" 2>&1 || { apt-get update && $INSTALL; } >>"$CACHE/r.log" 2>&1
ready || { echo "get_r.sh: R could not be installed" >&2; tail -n 20 "$CACHE/r.log" >&2; exit 1; }
