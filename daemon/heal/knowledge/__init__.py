"""What heal knows of failures: the patterns, what speaks for what, and what a scheduler's books prove."""
