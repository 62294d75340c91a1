import sys, mosek
def log(s): sys.stdout.write(s); sys.stdout.flush()
print("mosek", mosek.Env.getversion())
with mosek.Task() as t:
    t.set_Stream(mosek.streamtype.log, log)
    t.appendvars(2); t.appendcons(1)
    for j in range(2): t.putvarbound(j, mosek.boundkey.lo, 0.0, 0.0); t.putcj(j, 1.0)
    t.putarow(0, [0, 1], [1.0, 1.0]); t.putconbound(0, mosek.boundkey.lo, 1.0, 0.0)
    t.optimize()
