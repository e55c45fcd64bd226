package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// one is an index upstream with one wheel; digest is what the page says of it.
func one(t *testing.T, body []byte, digest string) *behind {
	page := fmt.Sprintf(`{"files":[{"filename":"a-1-py3-none-any.whl","url":"/f/a.whl","size":%d,"hashes":{"sha256":%q}}]}`, len(body), digest)
	return newBehind(t, map[string][]byte{"/simple/a/": []byte(page), "/f/a.whl": body})
}

func TestFileIsFetchedOnceAndKept(t *testing.T) {
	body := wheel(t, "a", "1", 1<<20)
	behind, cache := one(t, body, sha(body)), t.TempDir()
	server := serveIndex(t, behind.URL+"/simple/", cache, "", time.Hour)
	address := page(t, server, "a").Files[0].URL

	response, _ := get(t, "HEAD", address)
	if response.ContentLength != int64(len(body)) || behind.count("/f/a.whl") != 0 {
		t.Error("HEAD:", response.ContentLength, behind.count("/f/a.whl"))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if response, got := get(t, "GET", address); got != string(body) || response.ContentLength != int64(len(body)) {
				t.Error("other bytes")
			}
		})
	}
	group.Wait()

	// Another process on the same folder, with nobody behind it.
	behind.Close()
	again := serveIndex(t, behind.URL+"/simple/", cache, "", time.Hour)
	address = strings.Replace(address, server.URL, again.URL, 1)
	if _, got := get(t, "GET", address); got != string(body) {
		t.Error("not kept")
	}
	if response, got := get(t, "GET", address, "Range", "bytes=1-3"); got != string(body[1:4]) || response.StatusCode != 206 {
		t.Error("range:", response.Status)
	}
	response, _ = get(t, "GET", address, "If-None-Match", `"`+sha(body)+`"`)
	if response.StatusCode != 304 || response.Header.Get("Cache-Control") != cacheForever {
		t.Error("unchanged:", response.Status, response.Header)
	}
	if n := behind.count("/f/a.whl"); n != 1 {
		t.Errorf("%d requests upstream", n)
	}
}

func TestWrongBytesUpstreamAreNeverWhole(t *testing.T) {
	body := wheel(t, "a", "1", 1<<20)
	behind := one(t, body, sha([]byte("other")))
	cache := t.TempDir()
	server := serveIndex(t, behind.URL+"/simple/", cache, "", time.Hour)
	if response, got := get(t, "GET", page(t, server, "a").Files[0].URL); response.StatusCode == 200 && !strings.HasSuffix(got, "(cut)") {
		t.Error("passed on")
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "files/*/*")); len(left) != 0 {
		t.Error("kept", left)
	}
}

func TestMetadata(t *testing.T) {
	body := wheel(t, "a", "1", 10)
	behind := one(t, body, sha(body))
	server := serveIndex(t, behind.URL+"/simple/", t.TempDir(), "", time.Hour)
	address := page(t, server, "a").Files[0].URL + ".metadata"
	for range 2 {
		if _, got := get(t, "GET", address); !strings.HasPrefix(got, "Metadata-Version: 2.1\nName: a\n") {
			t.Error("out of the wheel:", got)
		}
	}
	if n := behind.count("/f/a.whl"); n != 1 {
		t.Errorf("%d requests upstream for the wheel", n)
	}

	behind = one(t, body, sha(body))
	behind.files["/f/a.whl.metadata"] = []byte("Metadata-Version: beside\n")
	server = serveIndex(t, behind.URL+"/simple/", t.TempDir(), "", time.Hour)
	for range 2 {
		if _, got := get(t, "GET", page(t, server, "a").Files[0].URL+".metadata"); got != "Metadata-Version: beside\n" {
			t.Error("beside the wheel:", got)
		}
	}
	if wheels, beside := behind.count("/f/a.whl"), behind.count("/f/a.whl.metadata"); wheels != 0 || beside != 1 {
		t.Errorf("%d requests upstream for the wheel, %d beside it", wheels, beside)
	}
}

func TestLocalFilesHideUpstream(t *testing.T) {
	body := wheel(t, "a", "1", 10)
	behind, local := one(t, body, sha(body)), t.TempDir()
	server := serveIndex(t, behind.URL+"/simple/", t.TempDir(), local, time.Hour)
	own := wheel(t, "A", "2", 20)
	for name, text := range map[string][]byte{"A-2-py3-none-any.whl": own, "A-3.tar.gz": []byte("sdist")} {
		if err := os.WriteFile(filepath.Join(local, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	served := page(t, server, "a")
	if len(served.Files) != 2 || served.Files[0].RequiresPython != ">=3.8" || served.Files[1].Name != "A-3.tar.gz" {
		t.Errorf("%+v", served.Files)
	}
	_, metadata := get(t, "GET", served.Files[0].URL+".metadata")
	if want := `{"sha256":"` + sha([]byte(metadata)) + `"}`; string(served.Files[0].CoreMetadata) != want {
		t.Errorf("digest of the metadata: %s", served.Files[0].CoreMetadata)
	}
	if _, got := get(t, "GET", served.Files[0].URL); got != string(own) {
		t.Error("other bytes")
	}
	if behind.count("/simple/a/") != 0 {
		t.Error("asked upstream")
	}
}

func TestPagesAreRefreshed(t *testing.T) {
	behind := newBehind(t, map[string][]byte{"/a/": []byte(`{"files":[]}`)})
	cache := t.TempDir()
	always, hourly := serveIndex(t, behind.URL, cache, "", 0), serveIndex(t, behind.URL, cache, "", time.Hour)
	for range 2 {
		page(t, always, "a")
	}
	for range 2 {
		page(t, hourly, "a")
	}
	if n := behind.count("/a/"); n != 2 {
		t.Errorf("%d requests upstream", n)
	}
	response, _ := get(t, "HEAD", hourly.URL+"/simple/a/")
	if response.Header.Get("Cache-Control") != cachePage || response.Header.Get("Vary") != "Accept" {
		t.Error(response.Header)
	}
	unchanged, _ := get(t, "GET", hourly.URL+"/simple/a/", "If-None-Match", response.Header.Get("ETag"))
	if unchanged.StatusCode != 304 {
		t.Error(unchanged.Status)
	}
}

func TestOtherAnswers(t *testing.T) {
	behind := newBehind(t, map[string][]byte{"/a-b/": []byte(`{"files":[]}`)})
	server := serveIndex(t, behind.URL, t.TempDir(), "", time.Hour)
	for _, test := range []struct {
		method, path, accept string
		status               int
		location             string
	}{
		{"GET", "/simple/A_.b/", "", 301, "/simple/a-b/"},
		{"GET", "/simple/a-b", "", 301, "/simple/a-b/"},
		{"GET", "/simple/a-b/", "image/png", 406, ""},
		{"GET", "/simple/none/", "", 404, ""},
		{"GET", "/simple/", kindJSON, 200, ""},
		{"GET", "/files/a-b/x/a.whl", "", 404, ""},
		{"GET", "/files/a-b/..%2F..%2Fx/a.whl", "", 404, ""},
		{"POST", "/simple/a-b/", "", 405, ""},
		{"GET", "/", "", 404, ""},
	} {
		response, _ := get(t, test.method, server.URL+test.path, "Accept", test.accept)
		if response.StatusCode != test.status || response.Header.Get("Location") != test.location {
			t.Errorf("%s %s: %s %s", test.method, test.path, response.Status, response.Header.Get("Location"))
		}
	}
}
