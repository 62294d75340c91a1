#!/bin/bash -ue
minimap2 -x sr -d o.txt ref.fa && cat ref.fa > copy.fa
