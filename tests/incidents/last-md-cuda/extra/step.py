import openmm as mm
from openmm import unit
print("OpenMM",mm.version.version)
s=mm.System()
for i in range(50): s.addParticle(39.9)
it=mm.LangevinIntegrator(300,1,0.002)
p=mm.Platform.getPlatformByName("CUDA")
ctx=mm.Context(s,it,p)
it.step(1000); print("done")
