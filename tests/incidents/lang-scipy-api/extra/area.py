import numpy as np
from scipy.integrate import simps
from scipy.signal import find_peaks
x = np.linspace(0, 6, 400)
print(simps(np.sin(x) ** 2, x=x))
