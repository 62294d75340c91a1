#!/bin/bash
set -e
cobc -x -o bill bill.cob
./bill
