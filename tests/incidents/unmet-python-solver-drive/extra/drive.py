import subprocess, sys, time
jobs = [("small", "isprime(2^521-1)"), ("large", "factor(2^373+7*10^90+33)")]
for name, expr in jobs:
    t = time.time()
    r = subprocess.run(["gp", "-q"], input=f"print({expr});\n", capture_output=True, text=True, timeout=8)
    print(name, r.stdout.strip()[:60], f"{time.time()-t:.1f}s", flush=True)
