#!/bin/bash
cwebp -q 80 -resize 20000 20000 f1.png -o f1.webp
