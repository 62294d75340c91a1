#!/bin/bash
scons -Q; rc=$?; ls *.dat; exit $rc
