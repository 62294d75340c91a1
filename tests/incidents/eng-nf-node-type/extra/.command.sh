#!/bin/bash -ue
summarise.js stats.json > o.txt
