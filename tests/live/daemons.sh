# Daemons of the test clusters: started in sessions of their own, known by pid files that we name, ended by them alone.
# Sourced by cluster.sh and pair.sh. A role is a program's name, and after a dash which of several it is: slurmd-node01.
# shellcheck shell=bash

readonly LOGS=/var/log/heal-cluster

say() { printf 'cluster: %s\n' "$*"; }

fail() {
    printf 'cluster: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'cluster: see %s\n' "$2" >&2
    exit 1
}

# until_true SECONDS COMMAND...: asks five times a second
until_true() {
    local tries=$(($1 * 5))
    shift
    while [ "$tries" -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        tries=$((tries - 1))
        sleep 0.2
    done
    return 1
}

# The pid files are named by us, so a database or a munged that this machine had before is used and never ended.
pidfile() {
    case $1 in
        mariadbd) echo /run/mysqld/heal-cluster.pid ;;
        munged) echo /run/munge/heal-cluster.pid ;;
        munged-pair) echo /run/heal-pair-munge/munged.pid ;;
        *) echo "/run/heal-cluster-$1.pid" ;;
    esac
}

# alive ROLE: our process of that role runs (a stale pid file may hold another program's id by now)
alive() {
    local pid
    pid=$(cat "$(pidfile "$1")" 2>/dev/null) && [ -n "$pid" ] || return 1
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "${1%%-*}" ] && ! grep -q '^State:.*Z' "/proc/$pid/status"
}
dead() { ! alive "$1"; }

# stop ROLE: ends our process of that role and forgets its pid file
stop() {
    if alive "$1"; then
        kill -TERM "$(cat "$(pidfile "$1")")"
        until_true 15 dead "$1" || kill -KILL "$(cat "$(pidfile "$1")")"
        until_true 5 dead "$1" || fail "$1 cannot be stopped"
    fi
    rm -f "$(pidfile "$1")"
}

# launch ROLE COMMAND...: in a session of its own, so that it outlives the shell and what closes its terminal;
# a lock that the shell holds on descriptor 9 stays the shell's
launch() {
    local role=$1
    shift
    setsid --fork "$@" </dev/null >>"$LOGS/$role.log" 2>&1 9>&-
}
