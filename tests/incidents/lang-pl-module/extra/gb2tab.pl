use strict;
use Bio::SeqIO;
my $in = Bio::SeqIO->new(-file => $ARGV[0]);
while (my $s = $in->next_seq) { print join("\t", $s->id, $s->length), "\n"; }
