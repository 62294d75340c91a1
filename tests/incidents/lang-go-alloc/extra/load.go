package main

import "log"

func main() {
	var refs [][]byte
	for i := 0; i < 40; i++ {
		b := make([]byte, 64<<20)
		for j := range b {
			b[j] = byte(j)
		}
		refs = append(refs, b)
		log.Printf("contig %d loaded, %d MiB held", i, 64*len(refs))
	}
	log.Println(len(refs))
}
