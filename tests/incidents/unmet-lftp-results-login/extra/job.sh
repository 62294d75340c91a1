#!/bin/bash
lftp -u core,pw2 -e "set net:max-retries 1; cls -l; get results.tgz; bye" ftp://127.0.0.1:2121
