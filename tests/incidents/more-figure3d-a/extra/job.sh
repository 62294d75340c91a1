#!/bin/bash
set -e
povray -V +Iscene.pov +W80 +H60 -D +Oscene.png
echo rendered
