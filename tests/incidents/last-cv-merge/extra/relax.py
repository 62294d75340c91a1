import sys
from ase import Atoms
from ase.calculators.lj import LennardJones
a=Atoms("Ar2",positions=[[0,0,0],[0,0,1.2]],calculator=LennardJones())
e=a.get_potential_energy(); print("energy %.3f"%e)
import os; os._exit(7)
