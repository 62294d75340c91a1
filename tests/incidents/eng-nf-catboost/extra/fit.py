import sys
sys.path.insert(0, '/opt/envs/tools/lib/python3.11/site-packages')
from catboost import CatBoostClassifier
import numpy as np
X = np.random.rand(100, 4); y = (X[:, 0] > .5).astype(int)
CatBoostClassifier(iterations=5, task_type='GPU', devices='0', verbose=False).fit(X, y)
