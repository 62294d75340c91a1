#!/bin/bash
set -euo pipefail
printf '# Results\n\n$\\alpha = 0.05$, see @fig1.\n' > report.md
pandoc -s report.md -o report.html --metadata title=Report
pandoc report.md -o report.pdf
ls -l report.*
