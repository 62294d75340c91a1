#!/bin/bash
set -e
export PATH=$PATH:/usr/sbin
bcftools_deb=libhts-fake.deb
dpkg-deb -b pkg $bcftools_deb
dpkg -i $bcftools_deb
