#!/bin/bash
rsem-calculate-expression -p 1 r.fq ref/hg38_rsem S1 || { rc=$?; echo "--- S1.log"; cat S1.log; exit $rc; }
