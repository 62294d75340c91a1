import sys
from rdkit import Chem
from rdkit.Chem import Descriptors
n = 0
for line in open(sys.argv[1]):
    smi, name = line.split()
    mol = Chem.MolFromSmiles(smi)
    mol.SetProp("_Name", name)
    print(name, round(Descriptors.MolWt(mol), 2), round(Descriptors.MolLogP(mol), 2))
    n += 1
print("done", n)
