#!/bin/bash
hg clone --noninteractive http://data.lab.local:8089/401/models wc || exit 1
ls wc
