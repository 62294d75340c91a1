#!/bin/bash
pspp --version | head -1
pspp -b an.sps -o an.txt; rc=$?; cat an.txt | tail -20; exit $rc
