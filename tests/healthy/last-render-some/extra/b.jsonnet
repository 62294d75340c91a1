{a: error "no depth given"}
