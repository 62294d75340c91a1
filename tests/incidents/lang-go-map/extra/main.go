package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

type Agg struct {
	counts map[string]int
	total  int
}

func (a *Agg) Add(s string) {
	a.total++
	a.counts[s]++
}

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	a := &Agg{}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		a.Add(strings.Fields(sc.Text())[0])
	}
	fmt.Println(a.total, len(a.counts))
}
