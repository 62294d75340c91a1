#!/bin/bash
set -e
vipsheader -a slide.png | head -5
vips dzsave slide.png out/slide --suffix .png --tile-size 256
