#!/bin/bash
set -e
mcs Stack.cs -out:stack.exe
mono stack.exe 40
