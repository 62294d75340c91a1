module lab/idx

go 1.99
