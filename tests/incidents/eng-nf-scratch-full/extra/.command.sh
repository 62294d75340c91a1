#!/bin/bash -ue
yes ACGTACGT | head -c 3000000 > big.txt && cp big.txt o.txt
