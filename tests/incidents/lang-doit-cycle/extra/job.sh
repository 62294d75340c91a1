#!/bin/bash
doit list
doit -n 2 report
