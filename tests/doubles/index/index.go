package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"doubles/internal/serve"
)

// How long clients may keep an answer, as the public index says it.
const (
	cacheForever = "max-age=365000000, immutable, public"
	cachePage    = "max-age=600, public"
)

// Index answers `/simple/` and `/files/`.
type Index struct {
	upstream  *Upstream
	local     *Local
	downloads *Downloads
	refresh   time.Duration // age at which a page is fetched again
	told      Told
}

// NewIndex returns an index that keeps what it fetches below the folder cache.
func NewIndex(upstream, cache, local string, refresh time.Duration, client *http.Client) (*Index, error) {
	u := &Upstream{folder: filepath.Join(cache, "pages"), client: client, pages: map[string]*kept{}}
	if upstream != "" {
		var err error
		if u.simple, err = url.Parse(upstream); err != nil {
			return nil, err
		}
	}
	for _, folder := range []string{u.folder, filepath.Join(cache, "files")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
	}
	downloads := &Downloads{upstream: u, folder: filepath.Join(cache, "files"), running: map[string]*download{}}
	return &Index{upstream: u, local: &Local{folder: local}, downloads: downloads, refresh: refresh}, nil
}

func (i *Index) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		serve.Text(w, http.StatusMethodNotAllowed, "method not allowed\n")
	case segments[0] == "simple" && len(segments) == 1:
		i.list(w, r)
	case segments[0] == "simple" && len(segments) == 2:
		i.project(w, r, segments[1])
	case segments[0] == "files" && len(segments) == 4:
		i.file(w, r, segments[1], segments[2], segments[3])
	default:
		serve.Text(w, http.StatusNotFound, "not found\n")
	}
}

// page finds a project, no older than an age; local files hide upstream's.
func (i *Index) page(project string, age time.Duration) (*Page, error) {
	if page, err := i.local.Page(project); page != nil || err != nil {
		return page, err
	}
	return i.upstream.Page(project, age)
}

// find finds a file. An old page will do if it names the file.
func (i *Index) find(project, key, name string) (*File, error) {
	for _, age := range []time.Duration{math.MaxInt64, i.refresh} {
		page, err := i.page(project, age)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(page.Files, func(f File) bool { return f.Name == name && f.Key() == key })
		if at >= 0 {
			return &page.Files[at], nil
		}
	}
	return nil, errNotFound
}

func (i *Index) list(w http.ResponseWriter, r *http.Request) {
	names := i.local.Projects()
	entries, _ := os.ReadDir(i.upstream.folder)
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".json"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if kind := negotiate(r.Header.Get("Accept")); kind != "" {
		body := projectList(slices.Compact(names), kind)
		sendPage(w, r, kind, &rendered{body, etag(body)})
	} else {
		serve.Text(w, http.StatusNotAcceptable, "not acceptable\n")
	}
}

func (i *Index) project(w http.ResponseWriter, r *http.Request, name string) {
	project := normalize(name)
	if canonical := "/simple/" + project + "/"; r.URL.Path != canonical {
		w.Header().Set("Location", canonical)
		serve.Text(w, http.StatusMovedPermanently, "")
		return
	}
	kind := negotiate(r.Header.Get("Accept"))
	if kind == "" {
		serve.Text(w, http.StatusNotAcceptable, "not acceptable\n")
		return
	}
	page, err := i.page(project, i.refresh)
	if err != nil {
		fail(w, err)
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	rendered, err := page.render(scheme+i.told.leaked()+r.Host, project, kind, i.told.Digests)
	if err != nil {
		fail(w, err)
		return
	}
	sendPage(w, r, kind, rendered)
}

func sendPage(w http.ResponseWriter, r *http.Request, kind string, page *rendered) {
	w.Header().Set("ETag", page.etag)
	w.Header().Set("Cache-Control", cachePage)
	w.Header().Set("Vary", "Accept")
	if kind != kindJSON {
		kind += "; charset=utf-8"
	}
	serve.Bytes(w, r, kind, page.body)
}

// file answers with a wheel, an sdist or a wheel's metadata.
func (i *Index) file(w http.ResponseWriter, r *http.Request, project, key, name string) {
	wheel, metadata := strings.CutSuffix(name, ".metadata")
	file, err := i.find(normalize(project), key, wheel)
	if err == nil && metadata && !file.Wheel() {
		err = errNotFound
	}
	if err != nil {
		fail(w, err)
		return
	}
	header := w.Header()
	if metadata {
		text, err := i.downloads.Metadata(file)
		if err != nil {
			fail(w, err)
			return
		}
		header.Set("ETag", etag(text))
		header.Set("Cache-Control", cacheForever)
		serve.Bytes(w, r, "application/octet-stream", text)
		return
	}
	header.Set("ETag", `"`+key+`"`)
	header.Set("Cache-Control", cacheForever)
	if r.Method == http.MethodHead && file.Size > 0 && !i.downloads.Kept(file) {
		// A question for the size is no reason to fetch the file.
		header.Set("Accept-Ranges", "bytes")
		header.Set("Content-Type", "application/octet-stream")
		header.Set("Content-Length", strconv.FormatInt(file.Size, 10))
		w.WriteHeader(http.StatusOK)
		return
	}
	body, err := i.downloads.Open(file)
	if err != nil {
		fail(w, err)
		return
	}
	defer body.Close()
	checked := &checkedBody{ReadSeeker: body}
	serve.Content(w, r, "application/octet-stream", checked)
	if checked.failed {
		// The header is out; a short body must not look like a whole one.
		panic(http.ErrAbortHandler)
	}
}

// checkedBody remembers that reading failed, which http.ServeContent keeps to
// itself.
type checkedBody struct {
	io.ReadSeeker
	failed bool
}

func (b *checkedBody) Read(p []byte) (int, error) {
	n, err := b.ReadSeeker.Read(p)
	b.failed = b.failed || err != nil && err != io.EOF
	return n, err
}

func fail(w http.ResponseWriter, err error) {
	for _, name := range []string{"ETag", "Cache-Control"} {
		w.Header().Del(name)
	}
	if errors.Is(err, errNotFound) {
		serve.Text(w, http.StatusNotFound, "not found\n")
		return
	}
	serve.Text(w, http.StatusBadGateway, err.Error()+"\n")
}

func etag(body []byte) string { return fmt.Sprintf("\"%x\"", sha256.Sum256(body)) }
