package main

import (
	"strings"

	_ "crypto/sha256" // digest asks which there are
	_ "crypto/sha512"

	"github.com/distribution/reference"
)

// images has references, each with its full and its familiar form, or with nothing.
func images() [][]any {
	all := map[string]bool{}
	for _, text := range literals("github.com/distribution/reference", "normalize_test.go", "reference_test.go") {
		all[text] = true
	}
	a64, a96, a128 := strings.Repeat("a1", 32), strings.Repeat("b2", 48), strings.Repeat("c3", 64)
	for _, text := range []string{
		// Of people's reports.
		"[object Object]/foobar", "registry.example.org/foo/screenApp", "WordpressImage", "WebOfTrust/keria",
		"OldRegistry:2.2.1", "SomeHostname:8080/registry:2.2.1", "ghcr.io/GoogleChromeLabs/bubblewrap:latest",
		"registryELB-999514288.eu-west-1.elb.amazonaws.com:5000/ghorvath/test-haproxy:latest",
		"[fc00:f853:ccd:e793::3]:5000/hello-app:1.0", "[::1]:5000/a", "python:", "python:3.13 ", " python", "python :3",
		"${REGISTRY}/app", "$IMAGE", "registry/app:${TAG}", "registry//app", "/app:1", "app/", "docker://python",
		"oci://ghcr.io/a/b", "python@3.13", "python:3.13@latest", "python:3.13:slim", "python@sha256:",
		"docker.io/python", "index.docker.io/python", "index.docker.io/library/python", "registry-1.docker.io/library/python",
		"docker.io", "docker.io/", "docker.io/library", "docker.io/library/", "library/python", "library/library/python",
		"localhost", "localhost/a", "localhost:5000", "localhost:5000/a", "LOCALHOST/a", "Localhost/a", "host:5000", "host:5000/",
		"1.2.3.4/a", "1.2.3.4:5/a", "example.com:/a", "example.com:99999/a", "example.com:-1/a", "-a.com/b", "a-.com/b", "a..com/b",
		".a.com/b", "a.com./b", "a_b.com/c", "a_b/c", "xn--n3h.com/a", "münchen.de/a", "İstanbul/a", "ǅ/a", "scratch", "scratch:1", "SCRATCH",
		"python\n", "python:3\n", "a\tb", "a\x00b", "a:b@c:d", "a@sha256:xyz@sha256:xyz", "\ufeffpython",
		a64, a64 + ":1", "a/" + a64, strings.ToUpper(a64), a64[1:], "docker.io/" + a64, "library/" + a64,
		"a@sha256:" + a64, "a:1@sha256:" + a64, "a@sha256:" + strings.ToUpper(a64), "a@SHA256:" + a64, "a@sha256:" + a64[1:],
		"a@sha256:" + a64 + "a", "a@sha384:" + a96, "a@sha512:" + a128, "a@sha512:" + a64, "a@md5:" + a64[:32], "a@sha1:" + a64[:40],
		"a@blake3:" + a64, "a@sha256+b64:" + a64, "a@sha256:" + a64 + "@sha256:" + a64, "a@", "a:@sha256:" + a64, "@sha256:" + a64,
		"a:" + strings.Repeat("t", 128), "a:" + strings.Repeat("t", 129), "a:_", "a:.", "a:-", "a:a.b-c_d", "a:ä", "a:A",
		strings.Repeat("a", 246), strings.Repeat("a", 247), strings.Repeat("a", 255), strings.Repeat("a", 256),
		"h.io/" + strings.Repeat("a", 249), "h.io/" + strings.Repeat("a", 250), "h.io/" + strings.Repeat("a", 251), "h.io/" + strings.Repeat("a", 252),
		"[::]/a", "[::1]/a", "[::1", "::1/a", "[::1%eth0]/a", "[fe80::1%25eth0]:80/a", "[1.2.3.4]/a", "[::ffff:1.2.3.4]/a", "[g::1]/a", "[]/a", "[1]/a",
		"[:::::]/a", "[1:2:3:4:5:6:7:8:9]/a", "[2001:db8::1]:5000/a/b:1",
	} {
		all[text] = true
	}
	domains := []string{"", "library/", "docker.io/", "index.docker.io/", "localhost/", "Host/", "a.b-c.d:80/", "a.-b/", "host:x/", "[::1]:80/"}
	paths := []string{"a", "a/b", "a/b/c", "a_b", "a__b", "a___b", "a.b", "a..b", "a-b", "a---b", "a_-b", "a._b", "-a", "a-", "_a", "a.", "A", "a/B", "", "a//b", "0", "a/_/b"}
	for _, domain := range domains {
		for _, path := range paths {
			all[domain+path] = true
		}
	}
	for i, path := range paths {
		for j, end := range []string{":1", ":", ":_x.Y-z", ":-x", "@sha256:" + a64, ":1@sha256:" + a64, "@sha256:0"} {
			all[domains[(i+j)%len(domains)]+path+end] = true
		}
	}
	var vectors [][]any
	for _, text := range sorted(all) {
		named, err := reference.ParseNormalizedNamed(text)
		if err != nil {
			vectors = append(vectors, []any{text, nil, nil})
			continue
		}
		named = reference.TagNameOnly(named)
		vectors = append(vectors, []any{text, named.String(), reference.FamiliarString(named)})
	}
	return vectors
}
