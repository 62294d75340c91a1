#!/bin/bash
echo "launching 2 ensemble members"
mpirun --mca plm_rsh_agent $PWD/agent.sh --mca plm_rsh_no_tree_spawn 1 --mca oob_tcp_if_include lo --host node07:1,node08:1 ./member.sh
rc=$?
echo "mpirun: $rc"; cat ens.* > ensemble.txt 2>/dev/null
exit $rc
