import jax, jax.numpy as jnp
print("jax", jax.__version__)
dev = jax.devices("gpu")[0]
x = jax.device_put(jnp.ones((256, 256)), dev)
print((x @ x).sum(), flush=True)
