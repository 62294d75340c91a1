#!/bin/bash
id -un; ls -ld out
lame --quiet c1.wav out/c1.mp3
