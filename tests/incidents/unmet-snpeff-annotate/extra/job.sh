#!/bin/bash
snpEff ann -noDownload -nodownload GRCh38.105 a.vcf
