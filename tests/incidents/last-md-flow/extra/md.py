import openmm as mm,sys
print("T",sys.argv[1])
s=mm.System()
for i in range(20): s.addParticle(39.9)
c=mm.Context(s,mm.LangevinIntegrator(float(sys.argv[1]),1,0.002),mm.Platform.getPlatformByName("CUDA"))
