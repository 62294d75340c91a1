import requests, sys
for k in ("hpo", "mondo"):
    print("pulling", k, flush=True)
    r = requests.get(f"https://refdata.lab.internal:8444/json/{k}", timeout=10)
    print(r.status_code, len(r.text))
