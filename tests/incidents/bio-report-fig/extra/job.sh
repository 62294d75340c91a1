#!/bin/bash
set -euo pipefail
printf -- '---\nlang: xx\n---\n# Results\n\n![curve](figs/missing.png)\n\n[^1] $\\foo{$ \n\n| a | b |\n|---|\n' > r.md
pandoc --verbose -s --self-contained r.md -o r.html
pandoc r.md -t docx -o r.docx
ls -s r.html r.docx | wc -l
