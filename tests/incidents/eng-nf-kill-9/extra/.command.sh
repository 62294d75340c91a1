#!/bin/bash -ue
echo "start"; octave-cli -q --eval "pause(40)"; echo x > o.txt
