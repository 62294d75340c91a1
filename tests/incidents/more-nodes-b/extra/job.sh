#!/bin/bash
export ANSIBLE_NOCOWS=1 ANSIBLE_LOCALHOST_WARNING=False
ansible-playbook -i localhost, prep.yml
