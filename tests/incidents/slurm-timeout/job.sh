echo sweep 1
