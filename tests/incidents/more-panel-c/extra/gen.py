n=60000
print("int f(int x){ return " + "("*n + "x" + "+1)"*n + "; }")
