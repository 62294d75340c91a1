#!/bin/bash -ue
echo x > o.txt
