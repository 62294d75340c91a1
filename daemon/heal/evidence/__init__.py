"""Texts as evidence: any file as lines, one pass over it, and the few lines that matter."""
