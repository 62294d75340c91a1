#!/bin/bash -ue
for i in $(seq 200); do echo pass $i; sleep 1; done; echo x > o.txt
