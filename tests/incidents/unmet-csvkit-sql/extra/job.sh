#!/bin/bash
csvsql --query "select site, sum(counts) as n from obs group by site" obs.csv
