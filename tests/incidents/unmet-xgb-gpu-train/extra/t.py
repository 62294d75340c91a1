import numpy as np, xgboost as xgb
xgb.set_config(verbosity=2)
X = np.random.rand(300, 5); y = X[:, 0] > .5
d = xgb.QuantileDMatrix(X, y)
b = xgb.train({"tree_method": "hist", "device": "cuda:0", "objective": "binary:logistic"}, d, 10)
if "cuda" not in b.save_config():
    raise SystemExit("Error: no CUDA device was used, training on the CPU would take days")
print("trained")
