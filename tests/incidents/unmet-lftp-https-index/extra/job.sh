#!/bin/bash
lftp -c "set net:max-retries 1; open https://data.lab.internal:8443; get1 /data/ref.fa -o ref.fa"
