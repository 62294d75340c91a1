import random
random.seed(7)
n,m=50,6
A=[[random.randrange(100) for _ in range(n)] for _ in range(m)]
print("Minimize\n obj: "+" + ".join(f"s{k} + t{k}" for k in range(m)))
print("Subject To")
for k in range(m): print(f" c{k}: "+" + ".join(f"{a} x{i}" for i,a in enumerate(A[k]))+f" + s{k} - t{k} = {sum(A[k])//2}")
print("Binary\n "+" ".join(f"x{i}" for i in range(n))+"\nEnd")
