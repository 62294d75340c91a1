#!/bin/bash
python3 mk.py && ls dist
twine check dist/*
twine upload --non-interactive --disable-progress-bar --repository-url http://data.lab.example:18313/simple/ -u lab -p old dist/*; r=$?
echo "published: $r"; exit $r
