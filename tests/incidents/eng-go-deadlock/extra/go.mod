module fan

go 1.20
