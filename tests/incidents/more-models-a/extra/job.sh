#!/bin/bash
hg clone -q src wc && cd wc
(hg --config hooks.precommit.hold="sleep 40" commit -u bob -m slow --config ui.allowemptycommit=1 >/dev/null 2>&1 &)
sleep 3
echo "gene x" >> counts.tsv
hg --config ui.timeout=4 commit -u lab -m "add x"; rc=$?
hg log --template '{rev} {desc}\n'
exit $rc
