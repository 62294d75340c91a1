#!/bin/bash -ue
./grow > o.txt
