package main

import (
	"net/url"
	"strings"
)

// urls has addresses, each with what net/url makes of it, as the daemon does before it asks: host
// name, port, path as sent, query, whether it has a user and a fragment. Nothing if it refuses.
func urls() [][]any {
	all := map[string]bool{}
	for _, text := range []string{
		"", "https", "https:", "https:/", "https://", "https:///a", "https://h", "https://h/", "http://h/a", "HTTPS://h/a", "HtTp://H/A", "ftp://h/a", "file:///a", "//h/a", "h/a", "h:80/a", "mailto:a@b", "https:h/a",
		" https://h/a", "https://h/a ", "https://h/a b", "https://h/a\tb", "https://h/a\n", "https://h /a", "https://h/\x00", "https://h/\x7f", "https://h/ä", "https://ä/a", "https://h/日本", "https://xn--4ca/a",
		"https://h/%41", "https://h/%", "https://h/%4", "https://h/%zz", "https://h/%%", "https://h/a%2Fb", "https://h/%00", "https://h%41/a", "https://h%zz/a", "https://%31/a", "https://h/a%20b", "https://h/100%",
		"https://h:80/a", "https://h:/a", "https://h:0/a", "https://h:65535/a", "https://h:65536/a", "https://h:99999999999/a", "https://h:-1/a", "https://h:+1/a", "https://h:a/a", "https://h:80:80/a", "https://:80/a", "https://h: 80/a", "https://h:８０/a",
		"https://[::1]/a", "https://[::1]:80/a", "https://[::1]:/a", "https://[::1]x/a", "https://[::1]80/a", "https://[::1/a", "https://::1/a", "https://::1]/a", "https://[]/a", "https://[:]/a", "https://[1.2.3.4]/a", "https://[::ffff:1.2.3.4]/a", "https://[fe80::1%25eth0]/a", "https://[fe80::1%eth0]/a", "https://[v1.a]/a", "https://[g::]/a", "https://h[::1]/a", "https://[::1]]/a", "https://[[::1]]/a", "https://h]/a", "https://[h]/a",
		"https://1.2.3.4/a", "https://1.2.3/a", "https://0x7f.1/a", "https://256.256.256.256/a", "https://a_b/a", "https://-a-/a", "https://a..b/a", "https://.a/a", "https://a./a", "https://*/a", "https://a*b/a", "https://a,b/a", "https://a;b/a", "https://a=b/a", "https://a&b/a", "https://a'b/a", "https://a(b)/a", "https://a!b/a", "https://a$b/a", "https://a+b/a", "https://a~b/a",
		"https://u@h/a", "https://u:p@h/a", "https://:p@h/a", "https://@h/a", "https://u:@h/a", "https://u@v@h/a", "https://u:p:q@h/a", "https://u%40v@h/a", "https://u/v@h/a", "https://h/a@b", "https://h/u:p@a", "https://${TOKEN}@h/a", "https://u:p#@h/a", "https://u?@h/a", "https://u%zz@h/a", "https://[u]@h/a",
		"https://h?a", "https://h#a", "https://h/?", "https://h/#", "https://h/a?b", "https://h/a#b", "https://h/a?b#c", "https://h/a#b?c", "https://h/a?b?c", "https://h/a??", "https://h/a?b=%zz", "https://h/a?b=c d", "https://h/a?sig=x", "https://h/a?Signature=x&b", "https://h/a?X-Amz-Signature=1", "https://h/a?x-goog-signature=1", "https://h/a?signature", "https://h/a?b;sig=x", "https://h/a?b=c&c=d&&e",
		"https://h/.", "https://h/..", "https://h/a/.", "https://h/a/..", "https://h/a/", "https://h//", "https://h//a", "https://h/a//b", "https://h/./a", "https://h/../a", "https://h/a/../b", "https://h/a/...", "https://h/%2e%2e", "https://h/a/%2E", "https://h/a.zip", "https://h/a.ZIP", "https://h/a.zip/", "https://h/a.zip?x=y.tar", "https://h/a?x.zip",
		"https://h/a<b", "https://h/a>b", "https://h/a\"b", "https://h/a\\b", "https://h\\a", "https://h/a^b", "https://h/a`b", "https://h/a{b}", "https://h/a|b", "https://h/a[b]", "https://h/a'b", "https://h/a*b", "https://h/a:b", "https://h/a;b", "https://h/a,b=c", "https://h/a~b", "https://h/$a", "https://h/(a)", "https://h/a!b",
		"https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/model.safetensors", "https://hf-mirror.com", "https://artifactory.example.com/api/huggingfaceml/hub", "https://pypi.example.com/simple/", "http://localhost:8080/simple", "http://127.0.0.1:3141/root/pypi/+simple/", "https://download.pytorch.org/whl/cu121/torch-2.3.0%2Bcu121-cp311-cp311-linux_x86_64.whl", "https://dl.fbaipublicfiles.com/a/b.pt", "https://example.com/a.whl#sha256=00", "https://example.com/x/-/releases/v1.0/downloads/a.bin", "https://s3.amazonaws.com/b/k?versionId=abc", "https://storage.googleapis.com/b/o?alt=media&token=1",
	} {
		all[text] = true
	}
	hosts := []string{"h", "h.example", "H:8080", "[2001:db8::1]", "[2001:db8::1]:8080", "[2001:db8:::1]", "h:", "h:x", "", "a b", "1.2.3.4:5"}
	paths := []string{"", "/", "/a", "/a/b.zip", "/%7Ea", "/a%", "/a?b=c", "/a#b", "/..", "/a b"}
	for i, host := range hosts {
		for j, path := range paths {
			scheme := []string{"https://", "http://", "HTTP://"}[(i+j)%3]
			all[scheme+host+path] = true
		}
	}
	var vectors [][]any
	for _, text := range sorted(all) {
		parsed, err := url.Parse(text)
		if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" {
			vectors = append(vectors, []any{text, nil})
			continue
		}
		parts := []any{parsed.Hostname(), parsed.Port(), parsed.EscapedPath(), parsed.RawQuery, parsed.User != nil, strings.Contains(text, "#")}
		vectors = append(vectors, []any{text, parts})
	}
	return vectors
}
