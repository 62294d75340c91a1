#!/bin/bash -ue
obabel -imop in.mop -osmi -O o.txt
