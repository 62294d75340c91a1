import numpy as np
docs = 60000
print("embedding", docs, "documents", flush=True)
E = np.ones((docs, 128), dtype=np.float32)
print("similarity matrix", flush=True)
S = E @ E.T
np.save("sim.npy", S)
