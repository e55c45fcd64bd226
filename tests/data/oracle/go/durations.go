package main

import (
	"fmt"
	"time"
)

// durations has texts, each with its nanoseconds, as Dockerfiles and Compose files write times.
func durations() [][]any {
	all := map[string]bool{}
	for _, text := range []string{
		// Of Go's own tests.
		"0", "5s", "30s", "1478s", "+5s", "-5s", "+0", "-0", "5.0s", "5.6s", "5.s", ".5s", "1.0s", "1.00s", "1.004s", "1.0040s", "100.00100s",
		"10ns", "11us", "12µs", "12μs", "13ms", "14s", "15m", "16h", "3h30m", "10.5s4m", "-2m3.4s", "1h2m3s4ms5us6ns", "39h9m14.425s",
		"52763797000ns", "0.3333333333333333333h", "9007199254740993ns", "9223372036854775807ns", "9223372036854775.807us",
		"9223372036s854ms775us807ns", "-9223372036854775808ns", "-9223372036854775.808us", "-9223372036s854ms775us808ns", "-2562047h47m16.854775808s",
		"0.100000000000000000000h", "0.830103483285477580700h", "", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "\x85\x85", "\xffff", "hello \xffff world",
		"\uFFFD", "\uFFFD hello \uFFFD world", "9223372036854775810ns", "9223372036854775808ns", "-9223372036854775809ns", "9223372036854776us",
		"3000000h", "9223372036854775.808us", "9223372036854ms775us808ns",
		// As people write them.
		"1m30s", "1M30S", "30S", "30sec", "30 s", " 30s", "30s ", "1 m 30 s", "1m 30s", "1m,30s", "1:30", "00:01:30", "PT30S", "1min", "1hr", "1.5m", "1,5m",
		"1e3s", "0x1s", "1_000s", "½s", "٣s", "３s", "1ｓ", "30 ", "thirty", "none", "null", "true", "inf", "NaN", "2w", "1y", "1h30", "30m0", "0s", "0ms", "00", "0.0", "0.0s",
		"000030s", "1s1s", "1s1m1h", "1ms1ms", "s1", "1.2.3s", "1..s", "..1s", "1.-s", "1-s", "1+s", "++1s", "--1s", "+-1s", "- 1s", "+ 1s", "+", "+s", "1s-", "1s+1s", "1s.", "1.s.5s", "1.",
		"999us", "999999ns", "1ms", "0.999ms", "0.5ms", "1000us", "1ns", "0.1ns", "0.9ns", "0.0000000001s", "0.9999999999s", "0.00000000000000000000000001h", "1.00000000000000000001s",
		"100000000000000000000ns", "0.18446744073709551615s", "0.18446744073709551616s", "18446744073709551615ns", "18446744073709551616ns", "2562047h47m16.854775807s", "2562047h47m16.854775808s",
		"2562047h47m16s854ms775us808ns", "1us", "1µ", "1u", "1µS", "1Ms", "1mS", "1nS", "1\u00a0s", "1s\n", "1\ts", "\ufeff1s", "1s\x00",
	} {
		all[text] = true
	}
	numbers := []string{"", "0", "1", "1.5", ".25", "7.", "-3"}
	units := []string{"", "ns", "us", "ms", "s", "m", "h", "d", "H", "sm"}
	for i, number := range numbers {
		for j, unit := range units {
			all[number+unit] = true
			all[fmt.Sprint(number, unit, j, units[(i+j)%len(units)])] = true
		}
	}
	var vectors [][]any
	for _, text := range sorted(all) {
		duration, err := time.ParseDuration(text)
		if err != nil {
			vectors = append(vectors, []any{text, nil})
			continue
		}
		vectors = append(vectors, []any{text, int64(duration)})
	}
	return vectors
}
