require 'set'
require 'bio'
puts Bio::Tree.new.newick
