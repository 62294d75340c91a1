import numpy as np, xgboost as xgb
rng = np.random.default_rng(1)
X = rng.normal(size=(400, 8)); y = (X[:, 0] > 0).astype(int)
d = xgb.DMatrix(X, y)
params = {"objective": "binary:logit", "max_depth": 4, "eta": 0.1, "nthread": 1}
bst = xgb.train(params, d, num_boost_round=50)
