#!/bin/bash
export SGE_ROOT=/tmp/sge SGE_QMASTER_PORT=6444 SGE_EXECD_PORT=6445
qsub arr.sh
