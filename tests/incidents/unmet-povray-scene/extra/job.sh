#!/bin/bash
povray +Id.pov +Od.png -D +W80 +H60
rc=$?
echo "povray exit $rc"; exit $rc
