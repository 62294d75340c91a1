#!/bin/bash
set -e
export SSL_CERT_FILE=/data/lab-ca.crt REQUESTS_CA_BUNDLE=/data/lab-ca.crt
python pull_terms.py
