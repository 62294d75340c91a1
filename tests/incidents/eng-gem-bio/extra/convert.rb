require 'set'
require 'bio'
Bio::FlatFile.auto(ARGV[0]) { |f| f.each { |e| puts e.to_biosequence.output_fasta } }
