import gurobipy as gp
from gurobipy import GRB
n = 70
m = gp.Model("assign")
x = m.addVars(n, n, vtype=GRB.BINARY)
m.addConstrs(x.sum(i, "*") == 1 for i in range(n))
m.addConstrs(x.sum("*", j) == 1 for j in range(n))
m.setObjective(gp.quicksum(((i * j) % 13) * x[i, j] for i in range(n) for j in range(n)))
m.optimize()
print(m.ObjVal)
