#!/bin/bash
export ETCDCTL_API=3
for k in run/41 run/42; do etcdctl --endpoints=http://data.lab.local:2399 --dial-timeout=2s --command-timeout=4s get $k || exit 1; done
