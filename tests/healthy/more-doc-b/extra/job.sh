#!/bin/bash
asciidoctor -v -o g.html guide.adoc
ls g.html && echo "manual built"
