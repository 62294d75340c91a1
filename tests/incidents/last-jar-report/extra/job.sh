#!/bin/bash
fossil version | cut -c 1-25
fossil open /data/repo/lab.fossil --workdir /data/tmp/co; r=$?
fossil timeline -n 2 -R /data/repo/lab.fossil || echo "no timeline"
exit $r
