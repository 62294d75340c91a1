#!/bin/bash
export ANSIBLE_NOCOWS=1 ANSIBLE_LOCALHOST_WARNING=False
export ANSIBLE_ASYNC_DIR=$PWD/.async
ansible-playbook -i localhost, bench.yml
