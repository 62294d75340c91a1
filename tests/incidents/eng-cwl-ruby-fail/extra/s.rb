rows = [1, 2, 3]
puts rows.sum / totl
