#!/bin/bash
echo "node $(uname -n)"
timeout -v -k 5 8 Singular -q gb.sing
