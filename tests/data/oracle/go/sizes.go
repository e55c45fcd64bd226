package main

import units "github.com/docker/go-units"

// sizes has numbers of bytes, each as go-units writes it, to fifteen digits.
func sizes() [][]any {
	all := []uint64{0, 1, 9, 10, 99, 100, 512, 999, 1000, 1001, 1023, 1024, 1049, 1050, 1099, 1100, 1234, 1500, 9949, 9999, 10000, 99949, 99999, 100000, 999949, 999999}
	for unit := uint64(1_000_000); unit <= 1_000_000_000_000_000; unit *= 1000 {
		for _, part := range []uint64{1000, 1001, 1049, 1050, 1099, 1100, 1250, 1500, 1999, 2000, 9999, 10000, 12345, 91600, 91649, 91699, 99999, 123456, 500000, 999000, 999900, 999999} {
			all = append(all, unit/1000*part)
		}
		all = append(all, unit-1, unit+1)
	}
	var vectors [][]any
	for _, size := range all {
		vectors = append(vectors, []any{size, units.HumanSizeWithPrecision(float64(size), 15)})
	}
	return vectors
}
