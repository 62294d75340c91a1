#!/bin/bash
UNISON=$PWD/.unison unison a b -batch -auto -silent -logfile /dev/null
