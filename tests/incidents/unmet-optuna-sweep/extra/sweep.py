import optuna
def objective(trial):
    x = trial.suggest_float("x", -5, 5)
    k = trial.suggest_int("k", 0, 3)
    if k == 0 and trial.number > 5:
        return (x - 1) ** 2 / k
    return (x - 1) ** 2 + k
s = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3))
s.optimize(objective, n_trials=120)
print(s.best_params)
