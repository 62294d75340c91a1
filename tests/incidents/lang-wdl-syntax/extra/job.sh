#!/bin/bash
miniwdl run --verbose qc.wdl fastqs=r1.fq
rc=$?
echo "workflow ended: $rc"
exit $rc
