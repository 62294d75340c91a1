#!/bin/bash
for l in eng deu; do
  tesseract p1.png p1.$l -l $l || exit 1
done
