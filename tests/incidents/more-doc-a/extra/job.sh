#!/bin/bash
set -e
asciidoctor -o plain.html guide.adoc && ls plain.html
asciidoctor -r asciidoctor-diagram -o full.html guide.adoc
ls full.html
