import jax, jax.numpy as jnp
dev = jax.devices('cuda')
print(jax.device_put(jnp.ones(3), dev[0]).sum())
