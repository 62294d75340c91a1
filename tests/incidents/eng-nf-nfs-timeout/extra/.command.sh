#!/bin/bash -ue
ruby -e 'n = 0; File.foreach(ARGV[0]) { n += 1 }; puts n' calls.vcf > o.txt
