"""Patches in git: each on a branch of its own; nothing touches the user's work tree before they say yes."""
