#!/bin/bash
cwltool --validate trim.cwl && echo "trim ok"
cwltool --outdir out wf.cwl --reads r.txt
