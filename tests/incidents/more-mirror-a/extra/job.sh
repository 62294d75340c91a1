#!/bin/bash
lftp -e "set net:max-retries 2; set net:timeout 4; set dns:fatal-timeout 6; set dns:max-retries 1; set net:reconnect-interval-base 1; set cmd:fail-exit yes; cd pub; mirror . in; bye" -u ann,pw9 -p 2121 ftp://data.lab.local || exit 1
ls in
