package main

import "github.com/containerd/platforms"

// platformTexts has platforms, each in its normal form, or with nothing. None is of one part, which
// would be completed by the machine that this runs on.
func platformTexts() [][]any {
	all := map[string]bool{}
	systems := []string{"linux", "Linux", "windows", "windows(10.0.17763)", "windows(10.0.17763+win32k)", "macOS", "darwin", "freebsd", "wasi", "js", "plan9", "unknown", "linux(1)", "linux()", "linux(a_b)", "lin ux", "", "l/x", "linüx", "linux-gnu", "linux_x", "linux.x", "linux+x", "linux("}
	machines := []string{"amd64", "AMD64", "x86_64", "x86-64", "i386", "386", "arm64", "aarch64", "armhf", "armel", "arm", "riscv64", "ppc64le", "s390x", "mips64le", "loong64", "wasm", "unknown", "", "a b", "a_b", "a-b", "a.b", "a+b", "ärm"}
	variants := []string{"", "/v1", "/v2", "/v3", "/v4", "/v5", "/v6", "/v7", "/v8", "/v9", "/v8.0", "/v8.2", "/v9.0", "/5", "/6", "/7", "/8", "/9", "/V7", "/V8", "/", "/x", "/a/b", "/a b", "/a_b", "/a+b"}
	for _, system := range systems {
		for _, machine := range machines[:8] {
			all[system+"/"+machine] = true
		}
	}
	for _, machine := range machines {
		for _, variant := range variants {
			all["linux/"+machine+variant] = true
		}
	}
	var vectors [][]any
	for _, text := range sorted(all) {
		parsed, err := platforms.Parse(text)
		if err != nil {
			vectors = append(vectors, []any{text, nil})
			continue
		}
		vectors = append(vectors, []any{text, platforms.FormatAll(platforms.Normalize(parsed))})
	}
	return vectors
}
