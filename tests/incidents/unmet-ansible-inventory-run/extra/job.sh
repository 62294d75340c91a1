#!/bin/bash
ansible-playbook -i inv p.yml
