"""How the general reading is learnt: from failures whose cause is known, and from how programs say what is wrong."""
