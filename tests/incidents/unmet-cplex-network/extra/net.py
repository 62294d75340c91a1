import cplex
c = cplex.Cplex()
n = 1500
c.variables.add(obj=[float(i % 17) for i in range(n)], ub=[1.0] * n)
for i in range(0, n - 1): c.linear_constraints.add([cplex.SparsePair([i, i + 1], [1.0, 1.0])], ["G"], [1.0])
print(c.variables.get_num(), "variables")
c.solve()
