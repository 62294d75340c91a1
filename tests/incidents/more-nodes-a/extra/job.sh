#!/bin/bash
export ANSIBLE_NOCOWS=1 ANSIBLE_LOCALHOST_WARNING=False
ansible-playbook --version | head -1
ansible-playbook -i localhost, prep.yml
