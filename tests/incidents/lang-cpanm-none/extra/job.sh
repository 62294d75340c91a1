#!/bin/bash
set -e
perl -MText::CSV -e 'print "Text::CSV $Text::CSV::VERSION\n"'
perl -MJSON -e 'print "JSON ok\n"'
perl stats.pl table.csv
