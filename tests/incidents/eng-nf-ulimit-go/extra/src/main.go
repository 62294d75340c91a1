package main

import "fmt"

func main() {
	var a [][]byte
	for i := 0; i < 4000; i++ {
		b := make([]byte, 1<<20)
		for j := range b {
			b[j] = 1
		}
		a = append(a, b)
	}
	fmt.Println(len(a))
}
