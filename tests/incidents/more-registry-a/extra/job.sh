#!/bin/bash
export ETCDCTL_API=3
etcdctl version | head -1
etcdctl --endpoints=http://127.0.0.1:2379 --user=pipeline:old get run/42
