def rows = []
println "loading matrix"
for (i in 0..<400) rows << new double[100000]
println rows.size()
