module sum

go 1.20
