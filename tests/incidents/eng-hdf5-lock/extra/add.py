import h5py
with h5py.File('atlas.h5', 'a') as f:
    f['x'] = [1, 2]
