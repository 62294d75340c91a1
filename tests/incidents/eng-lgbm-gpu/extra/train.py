import numpy as np, lightgbm as lgb
X = np.random.rand(200, 5); y = (X[:, 0] > .5).astype(int)
lgb.train({'objective': 'binary', 'device_type': 'gpu'}, lgb.Dataset(X, y), 5)
