#!/bin/bash -ue
gc.pl ref.fa > o.txt
