#!/bin/bash
nproc
gp -q p.gp < /dev/null
exit $?
