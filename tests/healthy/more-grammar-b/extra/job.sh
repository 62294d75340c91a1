#!/bin/bash
bison -Wall -d -o amb.c amb.y
ls -l amb.c amb.h
