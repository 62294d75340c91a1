#!/bin/bash
for n in 100 200 400; do
  echo "size $n"
  ./solve $n || exit $?
done
