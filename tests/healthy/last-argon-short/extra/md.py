import openmm as mm
s=mm.System()
for i in range(20): s.addParticle(39.9)
for n in ("CUDA","OpenCL","CPU"):
    try:
        c=mm.Context(s,mm.LangevinIntegrator(300,1,0.002),mm.Platform.getPlatformByName(n)); break
    except Exception as e: print("cannot use",n,"-",type(e).__name__+":",e)
print("running on",c.getPlatform().getName())
c.setPositions([[i,0,0] for i in range(20)]); c.getIntegrator().step(10); print("10 steps done")
