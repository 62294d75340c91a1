#!/bin/bash
set -e
mkdir -p axt
lastz t.fa q.fa --format=axt --gapped --chain > axt/t_q.axt
