from ase.build import bulk
from ase.optimize import BFGS
from gpaw import GPAW, PW
a = bulk('Cu', 'fcc', a=3.6)
a.calc = GPAW(mode=PW(300), kpts=(4, 4, 4))
BFGS(a).run(fmax=0.05)
