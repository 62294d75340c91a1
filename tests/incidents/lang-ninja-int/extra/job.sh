#!/bin/bash
echo $$ > run.pid
exec ninja -j1 all.txt
