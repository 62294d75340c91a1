"""Where heal keeps a user's state, who may act on it, and how it hears of news."""
