#!/bin/bash -ue
/data/project/run54765/env/bin/python3 -c 'import tomllib; print(tomllib.__name__)' > o.txt
