import sys
from rdkit import Chem
from rdkit.Chem import Descriptors
n=0
for l in open(sys.argv[1]):
    m=Chem.MolFromSmiles(l.split()[0])
    if m is None: n+=1; continue
    print(l.split()[1], round(Descriptors.MolWt(m),2))
print(n,"skipped")
