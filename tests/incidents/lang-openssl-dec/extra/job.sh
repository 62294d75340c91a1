#!/bin/bash
set -e
openssl enc -d -aes-256-cbc -pbkdf2 -pass file:key.txt -in secrets.enc -out secrets.env
. ./secrets.env
echo "using $DB_HOST"
