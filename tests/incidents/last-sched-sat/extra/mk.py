print("p cnf 4 3")
print("1 -2 0")
print("2 x3 0")
print("-1 4 0")
