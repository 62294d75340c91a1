#!/bin/bash
ansible-playbook p.yml
