from Bio.Seq import Seq
from Bio.Alphabet import IUPAC
print(Seq('ATG', IUPAC.unambiguous_dna).translate())
