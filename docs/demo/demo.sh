#!/usr/bin/env bash
# A small Snakemake pipeline in a temporary git repository fails for memory, and heal brings it home.
# Uses SLURM where sinfo answers, else Snakemake's own local jobs, whose rules hand their memory to the programs by ulimit.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/heal-demo-XXXXXX")
export HEAL_HOME="$work/state"
mkdir "$work/pipeline"
cp "$here/Snakefile" "$here/align.py" "$work/pipeline/"
cd "$work/pipeline"
git init --quiet
git add --all
git -c user.name=demo -c user.email=demo@localhost commit --quiet --message "A pipeline that asks for too little memory"

if sinfo --noheader >/dev/null 2>&1; then
  echo "SLURM answers: the jobs go there"
  how=(--executor slurm --jobs 4 --latency-wait 5 --slurm-init-seconds-before-status-checks 3 --default-resources runtime=5)
else
  echo "no SLURM here: Snakemake runs the jobs itself"
  how=(--cores 2)
fi
export TASKS_LOG="$work/tasks.log"
: > "$TASKS_LOG"

echo
echo "\$ heal run -- snakemake ${how[*]}"
heal run -- snakemake "${how[@]}"

echo
echo "\$ heal status"
heal status

echo
echo "how often each task ran (what was finished was not run again):"
sort "$TASKS_LOG" | uniq -c
echo
echo "the pipeline and all heal knows of it: $work"
