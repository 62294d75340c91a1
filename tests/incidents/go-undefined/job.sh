GOFLAGS=-mod=mod GOCACHE=/tmp/gocache go run main.go
