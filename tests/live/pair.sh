#!/bin/bash
# A second SLURM beside the first (cluster.sh), two nodes on this host: pair.sh up | down | status | conf | outage PART
# It shows what the first cannot: memory limits by cgroups, lost nodes, preemption, limits of accounts and of a QOS,
# partitions that are down or closed, and parts that are gone for a while. It shares the database server with the first
# and nothing else, so that nobody's jobs but its own notice: commands reach it with SLURM_CONF="$(pair.sh conf)", jobs
# of it by a task prolog, for SLURM's steps drop that variable.
# Ends with 3 where no right and no package could help, with CI=true too: the kernel holds the memory controller in
# cgroup v2 or has none (SLURM 22.05 as configured here needs v1, and moving it is for who boots the machine), or a
# site's own SLURM is here, beside which nothing is started. All else that stands against it is a failure, which CI must
# mend: no root, or a hierarchy that the kernel has to give and that may not be mounted (the tests mount disks as well).
set -u
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
HERE=$(cd "$(dirname "$0")" && pwd)
readonly HERE
# shellcheck source=tests/live/daemons.sh
. "$HERE/daemons.sh"

readonly FIRST=/etc/slurm/slurm.conf
readonly MARK="# heal test cluster"
readonly FOLDER=/etc/slurm-heal-pair
readonly CONF=$FOLDER/slurm.conf
readonly STATE=/var/spool/heal-pair/ctld
readonly MUNGE=/run/heal-pair-munge/munge.socket.2
readonly SOCKET=/run/mysqld/mysqld.sock
readonly NODES="node01 node02"
readonly GROUPS_OF_V1="memory cpuacct freezer cpuset devices"
readonly IMPOSSIBLE=3
HOST=$(hostname -s)
readonly HOST

first_is_ours() { [ -f "$FIRST" ] && head -n 1 "$FIRST" | grep -qxF "$MARK"; }
here() { SLURM_CONF=$CONF timeout 10 "$@"; }
controller() { here scontrol ping 2>/dev/null | grep -q 'is UP'; }
idle() { here sinfo -h -n "$1" -o %t 2>/dev/null | grep -qE '^(idle|mix|alloc|comp|plnd)-?$'; }
node_up() { alive "slurmd-$1" && idle "$1"; }
accounts() { here sacctmgr -n show assoc user=nobody cluster=healpair account=little format=qos%80 2>/dev/null | grep -q roomy; }
mounted() { grep -q "^[^ ]* /sys/fs/cgroup/$1 cgroup " /proc/mounts; }
munge_ok() { timeout 10 munge -n --socket="$MUNGE" </dev/null 2>/dev/null | timeout 10 unmunge --socket="$MUNGE" >/dev/null 2>&1; }
dbd_ok() { here sacctmgr -n show cluster >/dev/null 2>&1; }

healthy() {
    local node
    [ -f "$CONF" ] && munge_ok && dbd_ok && controller && accounts || return 1
    for node in $NODES; do node_up "$node" || return 1; done
}

# Whether the kernel has nothing of that name to give as v1: cgroup v2 holds it, or it is unknown or switched off
taken() {
    local v2
    for v2 in $(awk '$3 == "cgroup2" {print $2}' /proc/mounts); do
        grep -qw "$1" "$v2/cgroup.controllers" 2>/dev/null && return 0
    done
    ! awk -v name="$1" '$1 == name && $4 == 1 {found = 1} END {exit !found}' /proc/cgroups
}

# SLURM 22.05 needs these hierarchies for its cgroup plugins
hierarchies() {
    local name
    for name in $GROUPS_OF_V1; do
        mounted "$name" && continue
        mkdir -p "/sys/fs/cgroup/$name" 2>/dev/null
        mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name" 2>/dev/null && continue
        rmdir "/sys/fs/cgroup/$name" 2>/dev/null
        taken "$name" || fail "no second cluster: the v1 $name hierarchy of cgroups may not be mounted here"
        say "no second cluster: the kernel gives the $name controller to no v1 hierarchy of cgroups"
        exit "$IMPOSSIBLE"
    done
}

configure() {
    local memory
    # two nodes share the host's memory with the first cluster; a SLURM that must not enforce more than there is
    memory=$(free -m | awk '/^Mem:/ {half = int($2 * 0.35); print half < 8000 ? half : 8000}')
    mkdir -p "$FOLDER" "$STATE" "$LOGS"
    printf '' >"$FOLDER/gres.conf"
    cat >"$FOLDER/task_prolog" <<PROLOG
#!/bin/sh
echo "export SLURM_CONF=$CONF"
PROLOG
    chmod 0755 "$FOLDER/task_prolog"
    cat >"$FOLDER/cgroup.conf" <<CONFIG
CgroupPlugin=cgroup/v1
CgroupAutomount=no
CgroupMountpoint=/sys/fs/cgroup
ConstrainRAMSpace=yes
ConstrainCores=no
AllowedSwapSpace=0
CONFIG
    cat >"$CONF" <<CONFIG
$MARK, two nodes
ClusterName=healpair
SlurmctldHost=$HOST
SlurmctldPort=6917
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$MUNGE
StateSaveLocation=$STATE
SlurmdSpoolDir=/var/spool/heal-pair/%n
SlurmctldPidFile=$(pidfile slurmctld-pair)
SlurmdPidFile=$(pidfile slurmd-%n)
SlurmctldLogFile=$LOGS/slurmctld-pair.log
SlurmdLogFile=$LOGS/slurmd-%n.log
SlurmdParameters=config_overrides
SlurmdTimeout=25
TaskProlog=$FOLDER/task_prolog
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
PriorityType=priority/basic
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
JobAcctGatherType=jobacct_gather/cgroup
JobAcctGatherFrequency=task=1
JobRequeue=1
RequeueExit=77
RequeueExitHold=78
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=6920
AccountingStoragePass=$MUNGE
AccountingStorageEnforce=associations,limits,qos
AccountingStoreFlags=job_script,job_comment
GresTypes=gpu
ReturnToService=2
MpiDefault=none
KillWait=5
MaxArraySize=20001
MaxJobCount=50000
NodeName=node01 NodeHostname=$HOST Port=6918 CPUs=4 RealMemory=$memory Features=first State=UNKNOWN
NodeName=node02 NodeHostname=$HOST Port=6919 CPUs=4 RealMemory=$memory Features=second State=UNKNOWN
PartitionName=normal Nodes=ALL Default=YES PriorityTier=10 PreemptMode=OFF MaxTime=60 DefaultTime=10 DefMemPerCPU=100 State=UP
PartitionName=scavenge Nodes=ALL PriorityTier=1 PreemptMode=CANCEL MaxTime=60 DefaultTime=10 DefMemPerCPU=100 State=UP
PartitionName=down Nodes=ALL PriorityTier=10 MaxTime=60 DefaultTime=10 DefMemPerCPU=100 State=DOWN
PartitionName=narrow Nodes=ALL PriorityTier=10 PreemptMode=OFF MaxTime=60 DefaultTime=10 DefMemPerCPU=100 MaxMemPerNode=150 State=UP
PartitionName=closed Nodes=ALL AllowGroups=daemon DenyAccounts=pair PriorityTier=10 MaxTime=60 DefaultTime=10 DefMemPerCPU=100 State=UP
CONFIG
    # it is read beside slurm.conf, and refused where others can read it
    (
        umask 077
        cat >"$FOLDER/slurmdbd.conf" <<CONFIG
AuthType=auth/munge
AuthInfo=socket=$MUNGE
DbdHost=localhost
DbdPort=6920
SlurmUser=root
PidFile=$(pidfile slurmdbd-pair)
LogFile=$LOGS/slurmdbd-pair.log
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageLoc=heal_pair_acct
StorageUser=heal
StoragePass=heal
CONFIG
    )
    chmod 0600 "$FOLDER/slurmdbd.conf"
}

up_munge() {
    local folder
    folder=$(dirname "$MUNGE")
    munge_ok && return 0
    stop munged-pair
    mkdir -p "$folder"
    chown munge: "$folder"
    chmod 0755 "$folder"
    launch munged-pair runuser -u munge -- /usr/sbin/munged --force --socket="$MUNGE" --pid-file="$(pidfile munged-pair)" \
        --log-file="$folder/munged.log" --seed-file="$folder/munged.seed"
    until_true 10 munge_ok || fail "munged of the second cluster does not answer" "$folder/munged.log"
}

up_accounting() {
    dbd_ok && return 0
    mysql --socket="$SOCKET" >>"$LOGS/mariadb.log" 2>&1 <<SQL || fail "no accounting database" "$LOGS/mariadb.log"
CREATE DATABASE IF NOT EXISTS heal_pair_acct;
GRANT ALL ON heal_pair_acct.* TO 'heal'@'localhost';
SQL
    stop slurmdbd-pair
    launch slurmdbd-pair env SLURM_CONF="$CONF" slurmdbd
    until_true 60 dbd_ok || fail "slurmdbd of the second cluster does not answer" "$LOGS/slurmdbd-pair.log"
}

up_controller() {
    controller && return 0
    stop slurmctld-pair
    launch slurmctld-pair env SLURM_CONF="$CONF" slurmctld -f "$CONF"
    until_true 20 controller && return 0
    # an unreadable state: set it aside, never delete it, and start clean once
    say "slurmctld of the second cluster does not start with the state in $STATE: setting it aside"
    stop slurmctld-pair
    mv "$STATE" "$STATE.$(date +%s)" && mkdir -p "$STATE"
    launch slurmctld-pair env SLURM_CONF="$CONF" slurmctld -f "$CONF"
    until_true 20 controller || fail "slurmctld of the second cluster does not answer" "$LOGS/slurmctld-pair.log"
}

add() { here sacctmgr -i "$@" >>"$LOGS/sacctmgr-pair.log" 2>&1; }

# capped: two jobs at a time; little: never more than one cpu and 300 MB in all
# brief: two minutes and 500 MB a job; strict: the same, refused at once; roomy: 500 MB in all, whatever the account says
up_accounts() {
    local account
    accounts && return 0
    add add qos brief set MaxWall=00:02:00 MaxTRESPerJob=mem=500
    add add qos strict set MaxWall=00:02:00 MaxTRESPerJob=mem=500 Flags=DenyOnLimit
    add add qos roomy set GrpTRES=mem=500
    for account in pair capped little; do
        add add account "$account" cluster=healpair
        add add user root,nobody account="$account" cluster=healpair
    done
    add modify account capped cluster=healpair set GrpSubmitJobs=2
    add modify account little cluster=healpair set GrpTRES=cpu=1,mem=300
    add modify user root,nobody cluster=healpair set qos=normal,brief,strict,roomy defaultaccount=pair
    until_true 10 accounts || fail "the accounts of the second cluster could not be made" "$LOGS/sacctmgr-pair.log"
}

up_node() {
    if ! alive "slurmd-$1"; then
        stop "slurmd-$1"
        mkdir -p "/var/spool/heal-pair/$1"
        launch "slurmd-$1" env SLURM_CONF="$CONF" slurmd -f "$CONF" -N "$1"
        until_true 10 alive "slurmd-$1" || fail "slurmd of $1 does not start" "$LOGS/slurmd-$1.log"
    fi
    until_true 20 idle "$1" && return 0
    here scontrol update NodeName="$1" State=RESUME >>"$LOGS/slurmctld-pair.log" 2>&1
    until_true 20 idle "$1" || fail "$1 does not become idle: $(here sinfo -h -n "$1" -o '%t %E')" "$LOGS/slurmd-$1.log"
}

up() {
    local node
    first_is_ours || [ ! -e "$FIRST" ] || { say "a site's SLURM is here: no second cluster beside it"; exit "$IMPOSSIBLE"; }
    [ "$(id -u)" = 0 ] || { healthy && return 0; fail "starting the second cluster needs root"; }
    mkdir -p "$LOGS" || fail "cannot make $LOGS"
    # several test processes may ask at the same time
    exec 9>/run/heal-cluster-pair.lock
    flock -w 120 9 || fail "another start of the second cluster does not end"
    healthy && { say "the second cluster is already up"; return 0; }
    hierarchies
    bash "$HERE/cluster.sh" up 9>&- || fail "the first cluster does not start"
    configure
    up_munge
    up_accounting
    here sacctmgr -n show cluster format=cluster%20 2>/dev/null | grep -qw healpair || add add cluster healpair
    up_controller
    up_accounts
    for node in $NODES; do up_node "$node"; done
    healthy || fail "the daemons run but the second cluster is not healthy" "$LOGS"
    say "second cluster up: $(here sinfo -h -o '%R' | sort -u | paste -sd ' '), SLURM_CONF=$CONF"
}

down() {
    local node role
    [ -f "$CONF" ] || { say "no second cluster here"; return 0; }
    here scancel --user=root,nobody >/dev/null 2>&1
    for node in $NODES; do stop "slurmd-$node"; done
    for role in slurmctld-pair slurmdbd-pair munged-pair; do stop "$role"; done
    say "second cluster down"
}

status() {
    local node
    [ -f "$CONF" ] || { say "no second cluster"; return 1; }
    controller && say "second controller: yes" || say "second controller: NO"
    for node in $NODES; do node_up "$node" && say "$node: yes" || say "$node: NO"; done
    healthy
}

conf() { echo "$CONF"; }

# outage controller|accounting|munge: ends that part, says "out", and starts it again when its input ends, after
# LONGEST_OUT seconds, or when it is told to end itself; then says "back". Without munge nodes are lost after 25 s.
readonly LONGEST_OUT=40 LONGEST_WITHOUT_MUNGE=18
outage() {
    local role longest=$LONGEST_OUT
    case $1 in
        controller) role=slurmctld-pair ;;
        accounting) role=slurmdbd-pair ;;
        munge) role=munged-pair longest=$LONGEST_WITHOUT_MUNGE ;;
        *) fail "usage: $0 outage controller|accounting|munge" ;;
    esac
    first_is_ours && alive "$role" || fail "$role is not ours to stop"
    trap 'repaired >&2 && echo back' EXIT
    trap 'exit 1' INT TERM HUP
    stop "$role"
    echo out
    # shellcheck disable=SC2034 # only its end counts
    read -r -t "$longest" ended
}

repaired() {
    up_munge && up_accounting && up_controller && until_true 20 healthy
}

case "${1:-}" in
    up | down | status | conf) "$1" ;;
    outage) outage "${2:-}" ;;
    *) fail "usage: $0 up|down|status|conf|outage PART" ;;
esac
