#!/bin/bash
parallel -j2 --retries 4 ./fetch.sh ::: a b c d
echo "parallel: $?"
cat got.*
