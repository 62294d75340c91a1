#!/bin/sh
# Inside a SLURM job: tells heal that the job has started, and how what runs in it has ended.
#   sh job.sh -- CMD…            runs the command as if nobody stood between; 128+n for signal n, as a shell has it
#   sh job.sh --started || :     the same in two lines of a job's own script,
#   trap 'sh job.sh --ended $? || :' EXIT
# Outside a SLURM job nothing is told. A spool that cannot be written costs its events and nothing else.

here=${0%/*}

# tell KIND [EXIT]: one event into the user's own spool; in a process of its own, which leaves nothing behind in ours
tell() (
    set +e -u
    LC_ALL=C
    export LC_ALL
    job=${SLURM_ARRAY_TASK_ID:+${SLURM_ARRAY_JOB_ID:-}_$SLURM_ARRAY_TASK_ID}
    job=${job:-${SLURM_JOB_ID:-}}
    spool=${HEAL_SPOOL:-${HEAL_HOME:+$HEAL_HOME/spool}}
    spool=${spool:-${XDG_STATE_HOME:-${HOME:-}/.local/state}/heal/spool}
    # without a spool nobody listens
    [ -n "$job" ] && [ -d "$spool" ] && [ -r "$here/json.sh" ] || exit 0
    . "$here/json.sh"
    fields=
    count exit "${2:-}"
    field host "${SLURMD_NODENAME:-}" 256
    field cluster "${SLURM_CLUSTER_NAME:-}" 64
    count restarts "${SLURM_RESTART_COUNT:-}"
    field run "${HEAL_RUN:-}" 200
    field token "${HEAL_TOKEN:-}" 200
    facts=$fields fields=
    field name "${SLURM_JOB_NAME:-$job}" 512
    [ -n "$fields" ] || field name "$job" 64
    field key "$job" 64
    field native_id "$job" 64
    field workdir "${SLURM_SUBMIT_DIR:-}" 4096
    # shellcheck disable=SC2046 # two words
    set -- "$1" $(date -u '+%s%N %Y-%m-%dT%H:%M:%SZ')
    case $2 in
        *[!0-9]*) at=${2%%[!0-9]*}000000000 ;;
        *) at=$2 ;;
    esac
    file=0$at-$$-$1-$job
    umask 077
    printf '{"v":1,"kind":"%s","time":"%s","source":"runner","task":{%s},"facts":{%s}}\n' \
        "$1" "$3" "$fields" "$facts" >"$spool/.$file.tmp" &&
        mv -f -- "$spool/.$file.tmp" "$spool/$file.json" && exit 0
    rm -f -- "$spool/.$file.tmp"
)

# handed_on CMD…: runs it in the background of this shell, for signals that reach us alone must reach it
handed_on() {
    # a shell lets what it runs in the background ignore these; if that was so when we came it stays so. Interrupts tell
    # for both: bash has its own way with the other
    reset=INT,QUIT
    while read -r key value; do
        [ "$key" = SigIgn: ] || continue
        case $value in
            *[2367abef]) reset= ;;
        esac
    done </proc/self/status
    # no free descriptor for its input, or an env that is too old for this: then only its beginning is told
    for input in 9 8 7 6 5 4 3 none; do
        [ -e "/proc/self/fd/$input" ] || break
    done
    if [ "$input" = none ] || [ ! -e /proc/self/fd/0 ] || ! env ${reset:+"--default-signal=$reset"} true 2>/dev/null; then
        exec "$@"
    fi
    eval "exec $input<&0"
    for number in HUP TERM USR1 USR2 ALRM VTALRM PROF XCPU CONT; do
        # shellcheck disable=SC2064 # the number is this one
        trap "hand $number" "$number"
    done
    # a terminal sends these to both of us. Not caught: bash 5.2 may lose the end of a child that dies while a trap runs
    trap '' INT QUIT
    eval "env \${reset:+\"--default-signal=\$reset\"} -- \"\$@\" <&$input $input<&- &"
    child=$!
    eval "exec $input<&-"
    for number in $early; do
        hand "$number"
    done
    # what is waited for goes on while we hand a signal on
    wait "$child" 2>/dev/null
    code=$?
    while kill -0 "$child" 2>/dev/null; do
        wait "$child" 2>/dev/null
        code=$?
    done
    wait "$child" 2>/dev/null
    again=$?
    [ "$again" -eq 127 ] || code=$again
}

child=''
early=''
hand() {
    if [ -n "$child" ]; then
        kill -s "$1" "$child" 2>/dev/null
    else
        early="$early $1"
    fi
}

case ${1:-} in
    --started)
        tell job_started </dev/null >/dev/null 2>&1
        exit 0
        ;;
    --ended)
        tell job_ended "${2:-}" </dev/null >/dev/null 2>&1
        exit 0
        ;;
    --) shift ;;
esac
if [ $# -eq 0 ]; then
    echo 'usage: heal hook job -- CMD…' >&2
    exit 2
fi
[ -n "${SLURM_JOB_ID:-}" ] || exec "$@"
# in the background, and nobody's child: the command is not kept waiting
(tell job_started </dev/null >/dev/null 2>&1 &)
handed_on "$@"
tell job_ended "$code" </dev/null >/dev/null 2>&1
exit "$code"
