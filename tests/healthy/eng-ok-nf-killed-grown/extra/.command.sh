#!/bin/bash -ue
ulimit -v $(( 600 * 1024 ))
perl -e 'my $x = "A" x 500_000_000; print length $x' > o.txt
