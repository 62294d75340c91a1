#!/bin/bash
mkdir -p q/in q/done
(celery -A tasks worker -c 1 -P prefork --without-gossip --without-mingle --without-heartbeat > worker.log 2>&1 & echo $! > pid)
sleep 5
python -c "import tasks; print(tasks.fold.delay('P1').id is not None)"
sleep 12; kill $(cat pid); sleep 3
grep -v "^ " worker.log | tail -25
[ -s P1.pdb ] || { echo "P1.pdb not written"; exit 1; }
