import numpy as np
from catboost import CatBoostClassifier
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 6)); y = (X[:, 1] > 0).astype(int)
for dev in ("CPU", "GPU"):
    m = CatBoostClassifier(iterations=12, task_type=dev, verbose=4, allow_writing_files=False)
    m.fit(X, y)
    print(dev, m.score(X, y), flush=True)
