#!/bin/bash
if [ $1 = x ]; then
 echo y
