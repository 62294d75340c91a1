package main

import "fmt"

func main() {
	c := make(chan int)
	for i := 0; i < 3; i++ {
		go func(n int) { c <- n * n }(i)
	}
	s := 0
	for i := 0; i < 4; i++ {
		s += <-c
	}
	fmt.Println(s)
}
