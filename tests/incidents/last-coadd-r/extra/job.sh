#!/bin/bash
ls *.fits > list.txt; wc -l list.txt
SWarp @list.txt -c coadd.swarp -IMAGEOUT_NAME coadd.fits
ls -l coadd.fits
