n=400000
print("var x >= 0;\nminimize c: " + "("*n + "x" + "+1)"*n + ";\nsolve;\nend;")
