import logging
logging.basicConfig(level=logging.INFO)
import jax, jax.numpy as jnp
try: print("gpus:", jax.devices("gpu"))
except RuntimeError as e: logging.error("GPU backend unavailable: %s", e)
f = jax.jit(jax.grad(lambda x: ((x - 3) ** 2).sum()))
x = jnp.zeros(4)
for i in range(60): x = x - .1 * f(x)
print("optimum", x.round(2))
