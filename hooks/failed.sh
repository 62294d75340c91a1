#!/bin/sh
# Tells heal that a whole run has failed, for pipelines that cannot load heal's plugin:
#   failed.sh ENGINE LOG        what the engine says of the failure may come on standard input
# Three events into the user's own spool: the run, its failure with the engine's log, its end. Always ends with 0.

PATH=${PATH:-/usr/bin:/bin}
LC_ALL=C
export PATH LC_ALL
umask 077
engine=${1:-} log=${2:-}
spool=${HEAL_SPOOL:-${HEAL_HOME:+$HEAL_HOME/spool}}
spool=${spool:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/heal/spool}
# without a spool nobody listens, and under heal run Snakemake has heal's plugin
[ -n "$engine" ] && [ -d "$spool" ] && [ -r "${0%/*}/json.sh" ] || exit 0
[ "$engine" != snakemake ] || [ -z "${HEAL_RUN:-}" ] || exit 0
# where a profile names heal's plugin, the Snakemake that called this tells by itself: through one shell, or none
if [ "$engine" = snakemake ] && [ -n "${HEAL_TELLS:-}" ]; then
    caller=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$PPID/status" 2>/dev/null)
    [ "$PPID" != "$HEAL_TELLS" ] && [ "$caller" != "$HEAL_TELLS" ] || exit 0
fi
. "${0%/*}/json.sh"

longest_text=60000
message=
[ -t 0 ] || message=$(head -c "$longest_text")
case $log in
    '' | /*) ;;
    *) log=$PWD/$log ;;
esac

# shellcheck disable=SC2046 # two words
set -- $(date -u '+%s%N %Y-%m-%dT%H:%M:%SZ')
case $1 in
    *[!0-9]*) at=${1%%[!0-9]*}000000000 ;;
    *) at=$1 ;;
esac
time=$2
fields=
field id "$engine-$(uname -n)-$$-$at" 200
field engine "$engine" 64
field cwd "$PWD" 4096
run=$fields fields=
field parent "${HEAL_RUN:-}" 200
field host "$(uname -n)" 256
started=$fields fields=
field process "$engine" 64
field message "$message" "$longest_text"
failure=$fields
logs=
[ -z "$log" ] || { quote "$log" && logs=",\"log_paths\":[$quoted]"; }
quote "$engine"

# tell N KIND FACTS [TASK]
tell() {
    file=0$at-$$-$1
    printf '{"v":1,"kind":"%s","time":"%s","source":"runner","run":{%s},"facts":{%s}%s}\n' \
        "$2" "$time" "$run" "$3" "${4:-}" >"$spool/.$file.tmp" &&
        mv -f -- "$spool/.$file.tmp" "$spool/$file.json" && return 0
    rm -f -- "$spool/.$file.tmp"
}

{
    tell 0 run_started "$started"
    tell 1 task_failed "$failure" ",\"task\":{\"name\":$quoted,\"key\":\"\",\"attempt\":1$logs}"
    tell 2 run_finished '"ok":false'
} 2>/dev/null
exit 0
