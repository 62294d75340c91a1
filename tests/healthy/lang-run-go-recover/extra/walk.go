package main

import (
	"fmt"
	"log"
	"os"
	"runtime/debug"
)

func one(i int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			debug.PrintStack()
		}
	}()
	var m map[string]int
	if i == 3 {
		m["x"] = 1
	}
	return nil
}

func main() {
	bad := 0
	for i := 0; i < 6; i++ {
		if err := one(i); err != nil {
			log.Printf("ERROR item %d: %v (skipped, one bad item is allowed)", i, err)
			bad++
		}
	}
	if bad > 1 {
		os.Exit(1)
	}
	log.Printf("6 items, %d skipped", bad)
}
