import optuna
def f(t):
    x = t.suggest_float("x", -3, 3)
    if x < -1: raise ValueError("model did not converge")
    return x * x
s = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
s.optimize(f, n_trials=30, catch=(ValueError,))
print("best", s.best_value)
