#!/bin/bash
set -e
export PATH=$PATH:/usr/sbin:/sbin
dpkg-deb -b lab-pipeline lab-pipeline.deb
apt-get install -s ./lab-pipeline.deb
