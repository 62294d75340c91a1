#!/bin/bash
for f in 1 2; do
  povray +Iframe$f.pov +W40 +H30 -D +Oframe$f.png || { echo "frame $f not rendered"; exit 3; }
done
