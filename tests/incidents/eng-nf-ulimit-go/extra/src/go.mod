module grow

go 1.20
