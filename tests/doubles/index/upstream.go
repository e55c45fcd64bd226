package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// errNotFound means that upstream answered, and has no such thing.
var errNotFound = errors.New("not found upstream")

// attempts is how often a request upstream is begun before it counts as failed.
const attempts = 3

// anyKind is the Accept header for files.
const anyKind = "*/*"

// Upstream is the index behind, and what was fetched of its pages.
type Upstream struct {
	simple *url.URL // nil: there is none
	folder string   // one JSON file for each project
	client *http.Client
	mu     sync.Mutex
	pages  map[string]*kept
}

// kept is a project's page in memory.
type kept struct {
	mu      sync.Mutex // held while fetching: a second request waits for the first one's answer
	fetched time.Time
	page    *Page // nil: not read yet
}

// Page returns the page of a project (by its normalized name), no older than an
// age, or the kept one if upstream fails.
func (u *Upstream) Page(project string, age time.Duration) (*Page, error) {
	u.mu.Lock()
	k := u.pages[project]
	if k == nil {
		k = &kept{}
		u.pages[project] = k
	}
	u.mu.Unlock()

	k.mu.Lock()
	defer k.mu.Unlock()
	if k.page == nil {
		if err := k.read(u.disk(project)); err != nil {
			return nil, err
		}
	}
	if k.page != nil && time.Since(k.fetched) < age {
		return k.page, nil
	}
	page, err := u.fetch(project)
	if err != nil {
		if k.page != nil && !errors.Is(err, errNotFound) {
			return k.page, nil
		}
		return nil, err
	}
	k.page, k.fetched = page, time.Now()
	text, err := json.Marshal(page)
	if err != nil {
		return nil, err
	}
	return page, writeFile(u.disk(project), text)
}

func (u *Upstream) disk(project string) string { return filepath.Join(u.folder, project+".json") }

// read takes the page from the disk, where it survives a restart.
func (k *kept) read(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	page := &Page{}
	if err := json.Unmarshal(text, page); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	k.page, k.fetched = page, info.ModTime()
	return nil
}

func (u *Upstream) fetch(project string) (*Page, error) {
	if u.simple == nil {
		return nil, errNotFound
	}
	address := u.simple.JoinPath(project).String() + "/"
	response, err := u.get(address, kindJSON+", "+kindHTML+";q=0.2, "+kindLegacy+";q=0.1")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	// Relative links are meant from where redirects ended.
	base := response.Request.URL
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	parse := parseHTML
	if strings.HasSuffix(kind, "json") {
		parse = parseJSON
	}
	page, err := parse(body, base)
	if err != nil {
		return nil, fmt.Errorf("page of %s: %w", project, err)
	}
	return page, nil
}

// get begins a download; anything but 200 is an error.
func (u *Upstream) get(address, accept string) (*http.Response, error) {
	var failure error
	for attempt := range attempts {
		time.Sleep(time.Duration(attempt) * time.Second / 2)
		request, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Accept", accept)
		if accept == anyKind {
			// A file must arrive as it is, not unpacked on the way.
			request.Header.Set("Accept-Encoding", "identity")
		}
		response, err := u.client.Do(request)
		if err != nil {
			failure = err
			continue
		}
		if response.StatusCode == http.StatusOK {
			return response, nil
		}
		response.Body.Close()
		failure = fmt.Errorf("upstream answered %s", response.Status)
		if response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusGone {
			return nil, errNotFound
		}
		if response.StatusCode < http.StatusInternalServerError && response.StatusCode != http.StatusTooManyRequests {
			break
		}
	}
	return nil, failure
}

// writeFile writes a file so that nobody ever sees half of it.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
