#!/usr/bin/env bash
# A bug in a script fails a small Snakemake pipeline, and a patch heals it after a yes. No model is needed: what one might
# answer was written down (patch/answers) and is served as a model's server would; all else is real, and stays here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/heal-demo-XXXXXX")
export HEAL_HOME="$work/state"
cp -r "$here/patch" "$work/pipeline"
mv "$work/pipeline/answers" "$work/answers"
cd "$work/pipeline"

python -m heal.models.scripted "$work/answers" > "$work/url" &
server=$!
trap 'kill "$server"' EXIT
until [ -s "$work/url" ]; do sleep 0.1; done
url=$(cat "$work/url")
{
  echo "[routes]"
  for role in triage coder reviewer writer; do echo "$role = [\"$role\"]"; done
  for role in triage coder reviewer writer; do printf '[model.%s]\nbase_url = "%s"\nmodel = "%s"\n' "$role" "$url" "$role"; done
} > heal.toml
printf '.snakemake/\ncounted/\nlogs/\nsummary.tsv\n' > .gitignore
git init --quiet
git config user.name demo
git config user.email demo@localhost
git add --all
git commit --quiet --message "A pipeline with a bug in a script"

echo "\$ heal run -- snakemake --cores 2"
heal run -- snakemake --cores 2 || echo "(exit code $?)"
incident=$(heal status --json | python -c 'import json, sys; print(json.load(sys.stdin)["incidents"][0]["id"])')

for command in "heal diff $incident" "heal accept $incident" "heal status" "git log --stat --max-count=1"; do
  echo
  echo "\$ $command"
  $command
done
echo
echo "\$ cat summary.tsv"
cat summary.tsv
echo
echo "the pipeline and all heal knows of it: $work"
