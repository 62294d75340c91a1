import numpy as np
from statsmodels.tsa.arima_model import ARMA
y = np.random.default_rng(1).normal(size=120).cumsum()
print("series", len(y))
m = ARMA(y, order=(1,1)).fit()
print(m.summary())
