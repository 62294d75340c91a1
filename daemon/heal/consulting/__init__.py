"""One incident put before the coding models: what they are shown, what is tried, and what comes of it, kept in git.

Here the parts of a patch meet: the payload, the models, the chain, the guard, the checks, the repository.
"""

from heal.consulting.consultant import Consultant

__all__ = ["Consultant"]
