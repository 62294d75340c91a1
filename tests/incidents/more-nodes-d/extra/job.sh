#!/bin/bash
export ANSIBLE_NOCOWS=1 ANSIBLE_LOCALHOST_WARNING=False
export ANSIBLE_HOST_KEY_CHECKING=False
ansible-playbook -i hosts.ini sync.yml
