#!/bin/bash -ue
kraken2 --version > o.txt
