package main

import (
	"log"
	"os"
)

func main() {
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatalf("sum: %v", err)
	}
	log.Println(len(b))
}
