#!/bin/sh
# Tells the heal of a job's owner that the job has ended: one file in the owner's folder of the site's spool.
#   slurm_ended.sh epilog | jobcomp        with the environment that slurmctld gives to either hook
# The controller waits for us, and a folder that a user may write to may hold anything. So: nothing in that folder is
# ever opened, listed or followed. The event is written elsewhere and renamed to one of so many names, if that name is
# free; when none of four is, the event is dropped and counted. docs/hooks.md says more.
set -u
PATH=/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022

# heal hook install slurm writes these two
spool=/var/spool/heal
most=10000

longest_text=512
longest_path=4096
longest_line=16384
# what jobcomp gives for "no element of an array"
no_index=4294967294

. "${0%/*}/json.sh"

case ${1:-} in
    epilog)
        user=${SLURM_JOB_USER:-} job=${SLURM_JOB_ID:-} name=${SLURM_JOB_NAME:-} workdir=${SLURM_JOB_WORK_DIR:-}
        array=${SLURM_ARRAY_JOB_ID:-} index=${SLURM_ARRAY_TASK_ID:-} ended=${SLURM_JOB_EXIT_CODE2:-} state=
        stdout=${SLURM_JOB_STDOUT:-} stderr=${SLURM_JOB_STDERR:-} cluster=${SLURM_CLUSTER_NAME:-} submitted=
        partition=${SLURM_JOB_PARTITION:-} comment=${SLURM_JOB_COMMENT:-} restarts=${SLURM_JOB_RESTART_COUNT:-}
        ;;
    jobcomp)
        user=${USERNAME:-} job=${JOBID:-} name=${JOBNAME:-} workdir=${WORK_DIR:-}
        array=${ARRAYJOBID:-} index=${ARRAYTASKID:-} ended=${EXITCODE:-} state=${JOBSTATE:-}
        stdout=${STDOUT:-} stderr=${STDERR:-} cluster=${CLUSTER:-} submitted=${SUBMIT:-}
        partition=${PARTITION:-} comment='' restarts=''
        # a job that was put back into the queue has not ended
        case $state in
            PENDING* | REQUEUE* | RUNNING* | SUSPENDED* | CONFIGURING* | RESIZING* | '') exit 0 ;;
        esac
        ;;
    *) exit 0 ;;
esac

# names that lead nowhere else; those that begin with a dot are ours
case $user in
    '' | .* | -* | *[!A-Za-z0-9._@+-]*) exit 0 ;;
esac
case $job in
    '' | *[!0-9]*) exit 0 ;;
esac
case $index in
    '' | "$no_index" | *[!0-9]*) ;;
    *) job=${array}_$index ;;
esac

folder=$spool/$user
# a user without a folder did not ask for this; a folder that is not our own is none of ours
[ -d "$folder" ] && [ ! -L "$folder" ] && [ -O "$folder" ] && [ -d "$spool/.new" ] && [ -O "$spool/.new" ] || exit 0

# --- the event ---------------------------------------------------------------------------------

fields=
field state "$state" 32
count exit "${ended%%:*}"
case $ended in
    *:0 | '') ;;
    *:*) count signal "${ended#*:}" ;;
esac
count submitted "$submitted"
count restarts "$restarts"
field user "$user" 64
field cluster "$cluster" 64
field partition "$partition" 128
field comment "$comment" "$longest_text"
field stdout "$stdout" "$longest_path"
field stderr "$stderr" "$longest_path"
field by "$1" 16
facts=$fields

fields=
field name "${name:-$job}" "$longest_text"
[ -n "$fields" ] || field name "$job" 64
field key "$job" 64
field native_id "$job" 64
field workdir "$workdir" "$longest_path"

now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
line="{\"v\":1,\"kind\":\"job_ended\",\"time\":\"$now\",\"source\":\"slurm-hook\",\"task\":{$fields},\"facts\":{$facts}}"

# --- its way into the folder -------------------------------------------------------------------

new=$spool/.new/$$
place=

placed() {
    [ "${#line}" -le "$longest_line" ] && printf '%s\n' "$line" >"$new" || return 1
    # where the last one went, so that the next name is free as long as somebody reads; any other will do as well, and
    # hooks that run at the same time have to go apart
    read -r at <"$spool/.next/$user" || at=
    case $at in
        '' | *[!0-9]* | 0?* | ??????????*) at=$$ ;;
    esac
    for times in 0 1 2 3; do
        place=$(((at + times * (1 + $$ * 7919 % most)) % most))
        # a name that is taken stays as it is, whatever has it; -T: a folder of that name is not gone into
        mv -nT -- "$new" "$folder/$place.json"
        [ -e "$new" ] || return 0
    done
    return 1
}

if placed; then
    echo $(((place + 1) % most)) >"$spool/.next/$user"
    exit 0
fi
rm -f -- "$new"
read -r lost <"$spool/.dropped/$user" || lost=
case $lost in
    '' | *[!0-9]* | 0?* | ????????????????*) lost=0 ;;
esac
echo $((lost + 1)) >"$spool/.dropped/$user"
exit 0
