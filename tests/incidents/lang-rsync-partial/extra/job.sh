#!/bin/bash
echo "sync of the run folder"
rsync -rtv run7/ dest/
rc=$?
[ $rc -eq 0 ] && touch run7.synced
exit $rc
