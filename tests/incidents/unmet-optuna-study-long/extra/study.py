import optuna, sys
def objective(t):
    return sum((t.suggest_float(f"w{i}", -3, 3) - i / 3) ** 2 for i in range(4))
s = optuna.create_study(study_name="gain", sampler=optuna.samplers.RandomSampler(seed=3))
s.optimize(objective, n_trials=1100)
s.trials_dataframe().to_csv("out/2024-05/trials.csv", index=False)
