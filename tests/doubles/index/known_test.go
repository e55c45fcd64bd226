package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInThePlaceOfAnotherIndex(t *testing.T) {
	local := t.TempDir()
	body := wheel(t, "torch", "2.9.1+cpu", 10)
	if err := os.WriteFile(filepath.Join(local, "torch-2.9.1+cpu-py3-none-any.whl"), body, 0o644); err != nil {
		t.Fatal(err)
	}
	index, err := NewIndex("", t.TempDir(), local, 0, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := known("https://example.org/whl/cpu", index, index)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	_, html := get(t, "GET", server.URL+"/whl/cpu/torch/", "Accept", kindJSON)
	if !strings.Contains(html, `<a href="/whl/cpu/torch-2.9.1%2Bcpu-py3-none-any.whl#sha256=`+sha(body)+`"`) {
		t.Error(html)
	}
	if _, got := get(t, "GET", server.URL+"/whl/cpu/torch-2.9.1%2Bcpu-py3-none-any.whl"); got != string(body) {
		t.Error("other bytes")
	}
	if _, got := get(t, "GET", server.URL+"/whl/cpu/torch-2.9.1%2Bcpu-py3-none-any.whl.metadata"); !strings.HasPrefix(got, "Metadata-Version:") {
		t.Error("metadata:", got)
	}
	for path, status := range map[string]int{"/whl/cpu/numpy/": 404, "/whl/cpu/torch-1-py3-none-any.whl": 404, "/whl/cpu/x": 404, "/simple/torch/": 200} {
		if response, _ := get(t, "GET", server.URL+path); response.StatusCode != status {
			t.Error(path, response.Status)
		}
	}
}
