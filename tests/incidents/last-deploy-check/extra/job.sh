#!/bin/bash
echo "checking scripts"
shellcheck -S error steps/*.sh && echo clean
