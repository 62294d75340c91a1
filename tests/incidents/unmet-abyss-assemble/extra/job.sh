#!/bin/bash
abyss-pe name=lib1 k=25 j=1 B=50M in='r1.fq r2.fq'
