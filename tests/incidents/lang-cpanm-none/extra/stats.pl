use strict;
use Text::CSV;
use Statistics::Descriptive;
print Statistics::Descriptive::Full->new->mean, "\n";
