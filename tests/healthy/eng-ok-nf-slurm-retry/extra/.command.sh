#!/bin/bash -ue
if [ 1 = 1 ]; then sleep 100; fi; echo x > o.txt
