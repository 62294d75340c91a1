import h5py, numpy as np
with h5py.File('out/cube.h5', 'w') as f:
    for i in range(20):
        f[f'slice{i}'] = np.random.rand(200, 100)
        f.flush()
        print('slice', i, flush=True)
