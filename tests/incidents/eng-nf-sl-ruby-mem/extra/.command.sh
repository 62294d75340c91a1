#!/bin/bash -ue
ruby -e 'a=[]; 80.times{ |i| a << "x"*5_000_000; sleep 0.1 }; puts a.size' > o.txt
