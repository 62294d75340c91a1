package main

import (
	"fmt"
	"log"
	"sync"
)

func main() {
	jobs := make(chan int)
	res := make(chan int)
	var wg sync.WaitGroup
	for w := 0; w < 4; w++ {
		wg.Add(1)
		go func(id int) {
			defer wg.Done()
			log.Printf("worker %d up", id)
			for j := range jobs {
				res <- j * j
			}
		}(w)
	}
	go func() {
		for i := 0; i < 20; i++ {
			jobs <- i
		}
	}()
	for r := range res {
		fmt.Println(r)
	}
	wg.Wait()
}
