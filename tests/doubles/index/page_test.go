package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

var sum = strings.Repeat("ab", 32)

// The same project as the two formats say it, with relative links.
var upstreamPages = map[string]string{
	"JSON": `{"meta":{"api-version":"1.0"},"name":"a-b","files":[
{"filename":"a_b-1-py3-none-any.whl","url":"../../f/a_b-1-py3-none-any.whl","hashes":{"sha256":"` + sum + `"},
"requires-python":">=3.8","yanked":"it's old","core-metadata":{"sha256":"abc"}},
{"filename":"a_b-2-py3-none-any.whl","url":"../../f/a_b-2-py3-none-any.whl","hashes":{"sha256":"` + sum + `"}},
{"filename":"a_b-2.tar.gz","url":"../../f/a_b-2.tar.gz","hashes":{"sha256":"` + sum + `"}}]}`,
	"HTML": `<!DOCTYPE html><html><body>
<a data-requires-python="&gt;=3.8" data-yanked="it&#39;s old" data-dist-info-metadata="sha256=abc"
 href="../../f/a_b-1-py3-none-any.whl#sha256=` + sum + `">a_b-1-py3-none-any.whl</a><br>
<A HREF='../../f/a_b-2-py3-none-any.whl#sha256=` + sum + `'>a_b-2-py3-none-any.whl</A>
<a href=../../f/a_b-2.tar.gz#sha256=` + sum + ` >a_b-2.tar.gz</a></body></html>`,
}

const servedHTML = `<!DOCTYPE html>
<html>
<head><meta name="pypi:repository-version" content="1.0"><title>Links for a-b</title></head>
<body>
<h1>Links for a-b</h1>
<a href="HERE/files/a-b/SUM/a_b-1-py3-none-any.whl#sha256=SUM" data-requires-python="&gt;=3.8" data-yanked="it&#39;s old" data-dist-info-metadata="sha256=abc" data-core-metadata="sha256=abc">a_b-1-py3-none-any.whl</a><br/>
<a href="HERE/files/a-b/SUM/a_b-2-py3-none-any.whl#sha256=SUM" data-dist-info-metadata="true" data-core-metadata="true">a_b-2-py3-none-any.whl</a><br/>
<a href="HERE/files/a-b/SUM/a_b-2.tar.gz#sha256=SUM">a_b-2.tar.gz</a><br/>
</body>
</html>
`

const servedJSON = `{"meta":{"api-version":"1.0"},"name":"a-b","files":[
{"filename":"a_b-1-py3-none-any.whl","url":"HERE/files/a-b/SUM/a_b-1-py3-none-any.whl","hashes":{"sha256":"SUM"},"requires-python":">=3.8","yanked":"it's old","core-metadata":{"sha256":"abc"},"dist-info-metadata":{"sha256":"abc"}},
{"filename":"a_b-2-py3-none-any.whl","url":"HERE/files/a-b/SUM/a_b-2-py3-none-any.whl","hashes":{"sha256":"SUM"},"core-metadata":true,"dist-info-metadata":true},
{"filename":"a_b-2.tar.gz","url":"HERE/files/a-b/SUM/a_b-2.tar.gz","hashes":{"sha256":"SUM"}}]}
`

func TestBothFormatsAreReadAndServed(t *testing.T) {
	for name, upstream := range upstreamPages {
		behind := newBehind(t, map[string][]byte{"/simple/a-b/": []byte(upstream)})
		server := serveIndex(t, behind.URL+"/simple", t.TempDir(), "", time.Hour)
		plain := strings.NewReplacer(server.URL, "HERE", sum, "SUM", `{"filename"`, "\n"+`{"filename"`)
		if _, got := get(t, "GET", server.URL+"/simple/a-b/"); plain.Replace(got) != servedHTML {
			t.Errorf("%s to HTML:\n%s", name, got)
		}
		if _, got := get(t, "GET", server.URL+"/simple/a-b/", "Accept", kindJSON); plain.Replace(got) != servedJSON {
			t.Errorf("%s to JSON:\n%s", name, plain.Replace(got))
		}
		if n := behind.count("/simple/a-b/"); n != 1 {
			t.Errorf("%d requests upstream", n)
		}
	}
}

func TestNegotiate(t *testing.T) {
	pip := kindJSON + ", " + kindHTML + "; q=0.1, text/html; q=0.01"
	for accept, want := range map[string]string{
		"": kindLegacy, "*/*": kindLegacy, "text/html": kindLegacy, pip: kindJSON, kindHTML: kindHTML,
		"application/vnd.pypi.simple.latest+json": kindJSON, "text/html, " + kindJSON + ";q=0.5": kindLegacy,
		"image/png": "", kindJSON + ";q=0": "",
	} {
		if got := negotiate(accept); got != want {
			t.Errorf("%q: %q", accept, got)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"Ruamel.YAML-0.1-py3-none-any.whl":         {"ruamel-yaml", "0.1"},
		"a__b-1.0-2build-cp311-abi3-linux_x86.whl": {"a-b", "1.0"},
		"zope.interface-5.tar.gz":                  {"zope-interface", "5"},
		"some-name-1.2.zip":                        {"some-name", "1.2"},
		"README.txt":                               {},
		"broken.whl":                               {},
	} {
		if project, version := ownerOf(name); project != want[0] || version != want[1] {
			t.Errorf("%s: %s %s", name, project, version)
		}
	}
}

func TestHostileNamesUpstreamAreRefused(t *testing.T) {
	for _, name := range []string{"../x.whl", "a/b.whl", ".part-1"} {
		text, _ := json.Marshal(map[string]any{"files": []any{map[string]any{"filename": name, "url": "x"}}})
		behind := newBehind(t, map[string][]byte{"/a/": text})
		server := serveIndex(t, behind.URL, t.TempDir(), "", time.Hour)
		if response, _ := get(t, "GET", server.URL+"/simple/a/"); response.StatusCode != 502 {
			t.Errorf("%s: %s", name, response.Status)
		}
	}
}
