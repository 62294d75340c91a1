#!/bin/bash
cwltool --outdir out wf.cwl --reads r.txt
rc=$?
ls out; exit $rc
