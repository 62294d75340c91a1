#!/bin/bash -ue
for i in $(seq 90); do echo tile $i; sleep 1; done; echo x > o.txt
