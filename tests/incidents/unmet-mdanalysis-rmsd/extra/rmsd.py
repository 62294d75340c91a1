import MDAnalysis as mda
from MDAnalysis.analysis import rms
u = mda.Universe("prot.pdb", "prod.dcd")
R = rms.RMSD(u, select="name CA").run()
print(R.results.rmsd[:, 2].mean())
