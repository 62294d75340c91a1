import cvxpy as cp, numpy as np
x = cp.Variable(4); p = cp.Problem(cp.Minimize(cp.sum_squares(x-1)), [x >= 0])
print("default", round(p.solve(), 4))
p.solve(solver=cp.MOSEK, verbose=True)
print(x.value)
