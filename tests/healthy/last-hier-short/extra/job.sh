#!/bin/bash
jags fit.cmd; wc -l CODAchain1.txt
