import h5py, numpy as np
with h5py.File("scratch/sim.h5", "w") as h:
    for step in range(60):
        h[f"step{step:03d}"] = np.random.rand(200000)
        if step % 5 == 0: print("wrote step", step, flush=True)
