#!/bin/bash
# A private one-node SLURM with accounting for the tests: cluster.sh up | down | status
# Debian, as root, with or without an init system. The configuration goes to /etc/slurm and nowhere else:
# SLURM's job steps drop SLURM_CONF, so a step of a cluster configured elsewhere would not find its controller
# without help (pair.sh, a second cluster beside this one, gives it by a task prolog).
set -u
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# the second cluster's tests may ask from inside its environment
unset SLURM_CONF
HERE=$(cd "$(dirname "$0")" && pwd)
readonly HERE
# shellcheck source=tests/live/daemons.sh
. "$HERE/daemons.sh"

readonly MARK="# heal test cluster"
readonly CONF=/etc/slurm/slurm.conf
readonly DBD_CONF=/etc/slurm/slurmdbd.conf
readonly STATE=/var/spool/slurmctld
readonly SPOOL=/var/spool/slurmd
readonly SOCKET=/run/mysqld/mysqld.sock
readonly PACKAGES="slurmctld slurmd slurmdbd slurm-client mariadb-server munge"
HOST=$(hostname -s)
readonly HOST

ours() { [ -f "$CONF" ] && head -n 1 "$CONF" | grep -qxF "$MARK"; }
answers() { command -v sinfo >/dev/null && timeout 10 sinfo -h -o %t >/dev/null 2>&1; }
accounts() { timeout 10 sacctmgr -n show user root withassoc format=account 2>/dev/null | grep -q heal; }
idle() { timeout 10 sinfo -h -n "$HOST" -o %t 2>/dev/null | grep -qE '^(idle|mix|alloc|plnd)'; }
controller() { timeout 10 scontrol ping 2>/dev/null | grep -q 'is UP'; }
database() { timeout 10 mysqladmin --socket="$SOCKET" ping >/dev/null 2>&1; }
munge_ok() { timeout 10 munge -n </dev/null 2>/dev/null | timeout 10 unmunge >/dev/null 2>&1; }
dbd_ok() { timeout 10 sacctmgr -n show cluster >/dev/null 2>&1; }
slurmd_ok() { alive slurmd; }
healthy() { answers && controller && accounts && slurmd_ok && idle; }

packages() {
    local missing="" package
    for package in $PACKAGES; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || fail "no apt-get here: install$missing yourself"
    say "installing$missing"
    # shellcheck disable=SC2086 # a list of names
    apt-get install -y --no-install-recommends $missing >"$LOGS/apt.log" 2>&1 ||
        { apt-get update && apt-get install -y --no-install-recommends $missing; } >>"$LOGS/apt.log" 2>&1 ||
        fail "packages could not be installed:$missing" "$LOGS/apt.log"
}

config() {
    local cpus memory
    cpus=$(nproc)
    memory=$(free -m | awk '/^Mem:/ {print int($2 * 0.9)}')
    cat <<CONFIG
$MARK
ClusterName=heal
SlurmctldHost=$HOST
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$STATE
SlurmdSpoolDir=$SPOOL
SlurmctldPidFile=$(pidfile slurmctld)
SlurmdPidFile=$(pidfile slurmd)
SlurmctldLogFile=$LOGS/slurmctld.log
SlurmdLogFile=$LOGS/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoreFlags=job_script,job_comment,job_env
ReturnToService=2
MpiDefault=none
KillWait=5
MaxArraySize=20001
MaxJobCount=50000
NodeName=$HOST CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=short Nodes=ALL Default=YES MaxTime=60 DefaultTime=10 State=UP OverSubscribe=FORCE:32 DefMemPerCPU=100
PartitionName=long Nodes=ALL MaxTime=INFINITE State=UP OverSubscribe=FORCE:32 DefMemPerCPU=100
PartitionName=tiny Nodes=ALL MaxTime=2 DefaultTime=1 MaxMemPerNode=600 State=UP OverSubscribe=FORCE:32 DefMemPerNode=100
CONFIG
}

# one that runs takes a newer configuration up (up_controller)
current() { config | cmp -s - "$CONF"; }

configure() {
    mkdir -p /etc/slurm "$STATE" "$SPOOL"
    # an earlier cluster's state would stop the controller from starting under our name
    if [ -f "$STATE/clustername" ] && ! grep -qx heal "$STATE/clustername"; then
        mv "$STATE" "$STATE.$(date +%s)" && mkdir -p "$STATE"
    fi
    config >"$CONF"
    (
        umask 077
        cat >"$DBD_CONF" <<CONFIG
$MARK
AuthType=auth/munge
DbdHost=localhost
SlurmUser=root
PidFile=$(pidfile slurmdbd)
LogFile=$LOGS/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageLoc=heal_acct
StorageUser=heal
StoragePass=heal
CONFIG
    )
    # slurmdbd refuses a configuration that others can read, and umask does not change a file that was there
    chmod 0600 "$DBD_CONF"
}

up_munge() {
    munge_ok && return 0
    stop munged
    [ -f /etc/munge/munge.key ] || /usr/sbin/mungekey --create >>"$LOGS/munged.log" 2>&1 ||
        fail "no munge key could be made" "$LOGS/munged.log"
    mkdir -p /run/munge /var/log/munge /var/lib/munge
    chown munge: /etc/munge /etc/munge/munge.key /run/munge /var/log/munge /var/lib/munge
    chmod 0400 /etc/munge/munge.key
    chmod 0755 /run/munge
    # --force: a socket and a lock that a killed munged left behind
    launch munged runuser -u munge -- /usr/sbin/munged --force --pid-file="$(pidfile munged)"
    until_true 10 munge_ok || fail "munged does not answer" "/var/log/munge/munged.log"
}

up_database() {
    if ! database; then
        stop mariadbd
        mkdir -p /run/mysqld
        chown mysql: /run/mysqld
        [ -d /var/lib/mysql/mysql ] || mariadb-install-db --user=mysql >>"$LOGS/mariadb.log" 2>&1
        launch mariadb /usr/sbin/mariadbd --user=mysql --socket="$SOCKET" --pid-file="$(pidfile mariadbd)"
        until_true 60 database || fail "mariadbd does not answer" "$LOGS/mariadb.log"
    fi
    mysql --socket="$SOCKET" >>"$LOGS/mariadb.log" 2>&1 <<SQL || fail "no accounting database" "$LOGS/mariadb.log"
CREATE DATABASE IF NOT EXISTS heal_acct;
CREATE USER IF NOT EXISTS 'heal'@'localhost' IDENTIFIED BY 'heal';
GRANT ALL ON heal_acct.* TO 'heal'@'localhost';
SQL
}

up_accounting() {
    if ! dbd_ok; then
        stop slurmdbd
        launch slurmdbd slurmdbd
        until_true 60 dbd_ok || fail "slurmdbd does not answer" "$LOGS/slurmdbd.log"
    fi
    sacctmgr -n show cluster format=cluster%20 2>/dev/null | grep -qw heal ||
        sacctmgr -i add cluster heal >>"$LOGS/slurmdbd.log" 2>&1 ||
        fail "the cluster could not be added to accounting" "$LOGS/slurmdbd.log"
}

up_controller() {
    if controller; then
        scontrol reconfigure >>"$LOGS/slurmctld.log" 2>&1 || fail "slurmctld takes no new configuration" "$LOGS/slurmctld.log"
    else
        stop slurmctld
        launch slurmctld slurmctld
        if ! until_true 20 controller; then
            # an unreadable state of an older cluster: set it aside, never delete it, and start clean once
            say "slurmctld does not start with the state in $STATE: setting it aside"
            stop slurmctld
            mv "$STATE" "$STATE.$(date +%s)" && mkdir -p "$STATE"
            launch slurmctld slurmctld
            until_true 20 controller || fail "slurmctld does not answer" "$LOGS/slurmctld.log"
        fi
    fi
}

up_node() {
    if ! slurmd_ok; then
        stop slurmd
        launch slurmd slurmd
        until_true 10 slurmd_ok || fail "slurmd does not start" "$LOGS/slurmd.log"
    fi
    if ! accounts; then
        sacctmgr -i add account heal >>"$LOGS/slurmdbd.log" 2>&1
        sacctmgr -i add user root account=heal >>"$LOGS/slurmdbd.log" 2>&1
        until_true 10 accounts || fail "root could not be added to accounting" "$LOGS/slurmdbd.log"
    fi
    until_true 15 idle && return 0
    scontrol update NodeName="$HOST" State=RESUME >>"$LOGS/slurmctld.log" 2>&1
    until_true 15 idle || fail "node $HOST does not become idle: $(sinfo -h -n "$HOST" -o '%t %E')" "$LOGS/slurmd.log"
}

up() {
    if ! ours && answers; then
        say "a SLURM of this site answers: using it, touching nothing"
        return 0
    fi
    if ours && healthy && current; then
        say "already up"
        return 0
    fi
    [ -e "$CONF" ] && ! ours && fail "$CONF belongs to another cluster that does not answer: not overwriting it" "$CONF"
    [ "$(id -u)" = 0 ] || fail "starting a cluster needs root"
    mkdir -p "$LOGS" || fail "cannot make $LOGS"
    packages
    configure
    up_munge
    up_database
    up_accounting
    up_controller
    up_node
    healthy || fail "the daemons run but the cluster is not healthy" "$LOGS"
    say "up: $(sinfo --version), partitions $(sinfo -h -o %R | sort | paste -sd ' ')"
}

down() {
    ours || { say "no cluster of ours here: touching nothing"; return 0; }
    # it lives on this one's database
    bash "$HERE/pair.sh" down
    scancel --user=root >/dev/null 2>&1
    local daemon
    for daemon in slurmd slurmctld slurmdbd mariadbd munged; do stop "$daemon"; done
    say "down"
}

status() {
    if ! ours; then
        answers && say "a SLURM of this site answers" && return 0
        say "no cluster" && return 1
    fi
    local part
    for part in munge_ok database dbd_ok controller slurmd_ok idle; do
        "$part" && say "$part: yes" || say "$part: NO"
    done
    healthy
}

case "${1:-}" in
    up | down | status) "$1" ;;
    *) fail "usage: $0 up|down|status" ;;
esac
