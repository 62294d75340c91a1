#!/bin/bash
sambamba view -c good.bam && sambamba view -c cut.bam; rc=$?
echo "sambamba rc $rc"; exit $rc
