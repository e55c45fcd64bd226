package main

import (
	"fmt"

	"github.com/moby/sys/signal"
)

// signals has names and numbers, each with the number that Docker reads, as STOPSIGNAL has them.
func signals() [][]any {
	all := map[string]bool{}
	for name := range signal.SignalMap {
		all[name], all["SIG"+name] = true, true
	}
	for _, name := range []string{"RTMIN", "RTMAX"} {
		for distance := range 18 {
			all[fmt.Sprintf("SIG%s+%d", name, distance)] = true
			all[fmt.Sprintf("SIG%s-%d", name, distance)] = true
		}
	}
	for _, text := range []string{
		"", "SIG", "sigterm", "Term", "int", "sigInt", "SIGSIGTERM", "SIGSTOPP", "UNUSED", "EMT", "INFO", "LOST", "CANCEL", "THAW", "SIG TERM", " SIGTERM", "SIGTERM ", "SIGTERM\n",
		"SIGRTMIN+01", "SIGRTMIN + 1", "rtmin+1", "RTMIN+", "RTMAX-", "ſIGTERM", "sıgterm", "SİGTERM",
		"0", "1", "2", "9", "15", "34", "64", "65", "99", "256", "2147483648", "-1", "-15", "+15", "015", "1.0", "0x0f", "SIG15", "15 ", "1e1", "１５",
	} {
		all[text] = true
	}
	var vectors [][]any
	for _, text := range sorted(all) {
		number, err := signal.ParseSignal(text)
		if err != nil {
			vectors = append(vectors, []any{text, nil})
			continue
		}
		vectors = append(vectors, []any{text, int(number)})
	}
	return vectors
}
