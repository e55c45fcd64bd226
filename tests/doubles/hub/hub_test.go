package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// world is a hub with its file server on another host name.
type world struct {
	*testing.T
	root, hub, cdn string
	client         *http.Client
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, root: t.TempDir()}
	hub := &Hub{Store: Store{Root: w.root}}
	front, files := httptest.NewServer(hub), httptest.NewServer(hub.FileServer())
	t.Cleanup(front.Close)
	t.Cleanup(files.Close)
	hub.CDN = strings.Replace(strings.TrimPrefix(files.URL, "http://"), "127.0.0.1", "localhost", 1)
	w.hub, w.cdn = front.URL, "http://"+hub.CDN
	w.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return w
}

func (w *world) put(path, text string) {
	w.Helper()
	path = filepath.Join(w.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		w.Fatal(err)
	}
}

// ask returns status, the headers that clients rely on, and the body. Headers
// are given as `Name: value`.
func (w *world) ask(method, address string, headers ...string) string {
	w.Helper()
	if strings.HasPrefix(address, "/") {
		address = w.hub + address
	}
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		w.Fatal(err)
	}
	for _, header := range headers {
		if name, value, ok := strings.Cut(header, ": "); ok {
			request.Header.Set(name, value)
		}
	}
	response, err := w.client.Do(request)
	if err != nil {
		w.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d %d\n", response.StatusCode, response.ContentLength)
	for _, name := range []string{"Location", "ETag", "X-Repo-Commit", "X-Linked-ETag", "X-Linked-Size", "X-Error-Code", "Accept-Ranges", "Content-Range", "Last-Modified", "Link"} {
		if value := response.Header.Get(name); value != "" {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	text := out.String() + string(body)
	return strings.ReplaceAll(strings.ReplaceAll(text, w.cdn, "CDN"), w.hub, "HUB")
}

var update = flag.Bool("update", false, "write the transcript instead of comparing it")

// same compares with a file in testdata.
func (w *world) same(name, got string) {
	w.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			w.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		w.Errorf("%s (go test ./hub -update writes it): %v\ngot:\n%s", path, err, got)
	}
}

// populate lays down the repositories of the transcript. `{}` has the git id
// 9e26dfee…, as git says.
func (w *world) populate() {
	w.put("org/name/README.md", "---\nlicense: mit\nlibrary_name: \"lib\"\ntags:\n- a\n---\n# x\n")
	w.put("org/name/config.json", "{}")
	w.put("org/name/model.bin", "weights")
	w.put("org/name/1_Pooling/config.json", "{}")
	w.put("org/name/.refs/refs%2Fpr%2F1/config.json", `{"a":1}`)
	w.put("org/name/.hub.json", `{"commit":"c92d46f8ea8dde4a4cb9e9ad5a5ff04f5a7e0aa5","refs":{"v1":"1111111111111111111111111111111111111111"}}`)
	w.put("org/pages/.hub.json", `{"commit":"2222222222222222222222222222222222222222","page_size":2,"extra_siblings":["../x","/etc/x"],"last_modified":"Mon, 01 Jan 2024 00:00:00 GMT"}`)
	w.put("org/pages/a b+ü.txt", "1")
	w.put("org/pages/b.txt", "2")
	w.put("org/pages/c.txt", "3")
	w.put("org/gated/.hub.json", `{"gated":"manual","token":"good"}`)
	w.put("org/gated/config.json", "{}")
	w.put("org/private/.hub.json", `{"private":true,"token":"good"}`)
	w.put("org/private/config.json", "{}")
	w.put("old/name/.hub.json", `{"renamed_to":"org/name"}`)
	w.put("classic/config.json", "{}")
	w.put("datasets/org/data/x.csv", "1,2")
}

func TestTranscript(t *testing.T) {
	w := newWorld(t)
	w.populate()
	requests, err := os.ReadFile("testdata/requests.txt")
	if err != nil {
		t.Fatal(err)
	}
	var transcript strings.Builder
	for line := range strings.Lines(string(requests)) {
		line = strings.TrimSpace(line)
		request, headers, _ := strings.Cut(line, " | ")
		method, address, _ := strings.Cut(request, " ")
		if address == "" {
			fmt.Fprintf(&transcript, "%s\n\n", line)
			continue
		}
		fmt.Fprintf(&transcript, "> %s\n%s\n", line, w.ask(method, strings.Replace(address, "CDN", w.cdn, 1), strings.Split(headers, "; ")...))
	}
	w.same("transcript.txt", transcript.String())
}

// BuildKit asks so for an answer that it holds, and clients send ETags back
// with or without the mark of a weak one.
func TestUnchangedAnswersHaveNoBody(t *testing.T) {
	w := newWorld(t)
	w.populate()
	const info = "/api/models/org/name?blobs=true"
	_, etag, _ := strings.Cut(w.ask("HEAD", info), "ETag: ")
	etag, _, _ = strings.Cut(etag, "\n")
	for _, known := range []string{etag, strings.TrimPrefix(etag, "W/")} {
		if got := w.ask("GET", info, "If-None-Match: "+known); !strings.HasPrefix(got, "304") {
			t.Errorf("%s: %s", known, got)
		}
	}
	w.put("org/name/config.json", `{"b":2}`)
	if got := w.ask("GET", info, "If-None-Match: "+etag); !strings.HasPrefix(got, "200") {
		t.Errorf("after a change: %s", got)
	}
}

// A branch that moves leaves the commit that it leaves behind in .refs; what is
// dropped into the folder is served at once.
func TestFilesOnDiskAreServedAsTheyAre(t *testing.T) {
	w := newWorld(t)
	commit := func() string {
		var info Info
		_, body, _ := strings.Cut(w.ask("GET", "/api/models/org/name"), "{")
		if err := json.Unmarshal([]byte("{"+body), &info); err != nil {
			t.Fatal(err)
		}
		return info.SHA
	}
	w.put("org/name/config.json", "{}")
	before := commit()
	w.put("org/name/.refs/before/config.json", "{}")
	w.put("org/name/config.json", `{"a":1}`)
	after := commit()
	if before == after || len(before) != 40 || len(after) != 40 {
		t.Error("the commit doesn't follow the content", before, after)
	}
	for at, want := range map[string]string{before: "{}", after: `{"a":1}`, "before": "{}", "main": `{"a":1}`, before[:8]: "{}"} {
		response, err := http.Get(w.hub + "/org/name/resolve/" + at + "/config.json")
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(got) != want {
			t.Errorf("at %s: %s", at, got)
		}
	}
}

// Go's client drops the token at another host name, as every client must.
func TestTokenStaysAtTheHub(t *testing.T) {
	w := newWorld(t)
	w.put("org/gated/.hub.json", `{"gated":"manual","token":"good"}`)
	w.put("org/gated/model.bin", "weights")
	request, _ := http.NewRequest("GET", w.hub+"/org/gated/resolve/main/model.bin", nil)
	request.Header.Set("Authorization", "Bearer good")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); string(body) != "weights" {
		t.Errorf("%s: %s", response.Status, body)
	}
}
