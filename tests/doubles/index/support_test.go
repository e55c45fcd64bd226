package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// wheel makes a wheel of a project with one file of some size in it.
func wheel(t *testing.T, project, version string, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	info := project + "-" + version + ".dist-info/"
	for name, text := range map[string]string{
		info + "METADATA":        "Metadata-Version: 2.1\nName: " + project + "\nVersion: " + version + "\nRequires-Python: >=3.8\n\nText\n",
		project + "/__init__.py": strings.Repeat("#", size),
	} {
		// Stored, so that the wheel is as large as its content.
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sha(body []byte) string { return fmt.Sprintf("%x", sha256.Sum256(body)) }

// behind is an index upstream that counts its requests.
type behind struct {
	*httptest.Server
	mu     sync.Mutex
	counts map[string]int
	files  map[string][]byte
}

func newBehind(t *testing.T, files map[string][]byte) *behind {
	b := &behind{files: files, counts: map[string]int{}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.counts[r.URL.Path]++
		body, ok := b.files[r.URL.Path]
		b.mu.Unlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		switch {
		case bytes.HasPrefix(body, []byte("{")):
			w.Header().Set("Content-Type", kindJSON)
		case bytes.HasPrefix(body, []byte("<")):
			w.Header().Set("Content-Type", "text/html")
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *behind) count(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts[path]
}

func serveIndex(t *testing.T, upstream, cache, local string, refresh time.Duration) *httptest.Server {
	t.Helper()
	index, err := NewIndex(upstream, cache, local, refresh, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, index)
}

func start(t *testing.T, index *Index) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(index)
	t.Cleanup(server.Close)
	return server
}

// get returns an answer with its body read.
func get(t *testing.T, method, address string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		body = append(body, " (cut)"...)
	}
	return response, string(body)
}

func page(t *testing.T, server *httptest.Server, project string) *Page {
	t.Helper()
	_, body := get(t, "GET", server.URL+"/simple/"+project+"/", "Accept", kindJSON)
	page := &Page{}
	if err := json.Unmarshal([]byte(body), page); err != nil {
		t.Fatal(err, body)
	}
	return page
}
