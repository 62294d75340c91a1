n=60000
print("#version 3.7;\nglobal_settings{assumed_gamma 1}\n#declare R = " + "("*n + "1" + "+1)"*n + ";\nsphere{0,R}")
