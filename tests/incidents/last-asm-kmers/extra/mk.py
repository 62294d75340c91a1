import random
random.seed(2)
for i in range(3): print(">c%d"%i); print("".join(random.choice("ACGT") for _ in range(9000000)))
