package main

import (
	"compress/gzip"
	"io"
	"log"
	"os"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
	n, err := io.Copy(io.Discard, z)
	if err != nil {
		log.Fatalf("%s: after %d bytes: %v", os.Args[1], n, err)
	}
	log.Printf("%s: %d bytes", os.Args[1], n)
}
