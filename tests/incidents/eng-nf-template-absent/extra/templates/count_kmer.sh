#!/bin/bash
echo 1 > n.txt
