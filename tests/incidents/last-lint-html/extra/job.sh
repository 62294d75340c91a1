#!/bin/bash
echo "page: $(wc -c < rep.html) bytes"
tidy -q -o clean.html rep.html 2> tidy.log; r=$?
tail -n 2 tidy.log; [ $r -lt 2 ] || exit $r
