package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
)

// Page is what an index says of one project, as in PEP 691.
type Page struct {
	Meta     Meta     `json:"meta"`
	Name     string   `json:"name"`
	Versions []string `json:"versions,omitempty"`
	Files    []File   `json:"files"`
	rendered sync.Map // rendering -> *rendered
}

// Meta is the version of the page's format.
type Meta struct {
	API string `json:"api-version"`
}

// File is one wheel or sdist. Upstream's URL is absolute.
type File struct {
	Name           string            `json:"filename"`
	URL            string            `json:"url"`
	Hashes         map[string]string `json:"hashes"`
	RequiresPython string            `json:"requires-python,omitempty"`
	Size           int64             `json:"size,omitempty"`
	UploadTime     string            `json:"upload-time,omitempty"`
	Yanked         json.RawMessage   `json:"yanked,omitempty"`        // a bool, or the reason
	CoreMetadata   json.RawMessage   `json:"core-metadata,omitempty"` // a bool, or hashes
	DistInfo       json.RawMessage   `json:"dist-info-metadata,omitempty"`
	disk           string            // where a local file is
}

// Key names the file's content in URLs and in the cache: its sha256, or one of
// its URL where the index tells none.
func (f *File) Key() string {
	if sum := f.Hashes["sha256"]; len(sum) == 64 && strings.Trim(sum, "0123456789abcdef") == "" {
		return sum
	}
	return fmt.Sprintf("url-%x", sha256.Sum256([]byte(f.URL)))
}

// Wheel reports whether the file can have a `.metadata` beside it.
func (f *File) Wheel() bool { return strings.HasSuffix(f.Name, ".whl") }

var separators = regexp.MustCompile(`[-_.]+`)

// normalize returns a project's name as PEP 503 wants it in URLs.
func normalize(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}

// parseJSON reads a page as of PEP 691.
func parseJSON(body []byte, base *url.URL) (*Page, error) {
	page := &Page{}
	if err := json.Unmarshal(body, page); err != nil {
		return nil, err
	}
	for i := range page.Files {
		file := &page.Files[i]
		if err := file.resolve(base); err != nil {
			return nil, err
		}
		if file.CoreMetadata == nil {
			file.CoreMetadata = file.DistInfo
		}
	}
	return page, nil
}

var (
	baseTag   = regexp.MustCompile(`(?is)<base\b([^>]*)>`)
	anchor    = regexp.MustCompile(`(?is)<a\b((?:[^>"']|"[^"]*"|'[^']*')*)>(.*?)</a>`)
	attribute = regexp.MustCompile(`(?is)([a-z][a-z-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?`)
)

// parseHTML reads a page as of PEP 503: each link is a file.
func parseHTML(body []byte, base *url.URL) (*Page, error) {
	text := string(body)
	if tag := baseTag.FindStringSubmatch(text); tag != nil {
		reference, err := url.Parse(attributes(tag[1])["href"])
		if err != nil {
			return nil, err
		}
		base = base.ResolveReference(reference)
	}
	page := &Page{Meta: Meta{"1.0"}}
	for _, link := range anchor.FindAllStringSubmatch(text, -1) {
		attributes := attributes(link[1])
		file := File{Name: strings.TrimSpace(html.UnescapeString(link[2])), URL: attributes["href"], Hashes: map[string]string{}}
		address, fragment, _ := strings.Cut(file.URL, "#")
		if algorithm, sum, ok := strings.Cut(fragment, "="); ok {
			file.Hashes[algorithm] = sum
		}
		file.URL = address
		if err := file.resolve(base); err != nil {
			return nil, err
		}
		file.RequiresPython = attributes["data-requires-python"]
		if reason, ok := attributes["data-yanked"]; ok {
			file.Yanked = json.RawMessage("true")
			if reason != "" {
				file.Yanked, _ = json.Marshal(reason)
			}
		}
		for _, name := range []string{"data-core-metadata", "data-dist-info-metadata"} {
			value, ok := attributes[name]
			if algorithm, sum, hashed := strings.Cut(value, "="); hashed {
				file.CoreMetadata, _ = json.Marshal(map[string]string{algorithm: sum})
			} else if ok && value != "false" {
				file.CoreMetadata = json.RawMessage("true")
			}
		}
		page.Files = append(page.Files, file)
	}
	return page, nil
}

func attributes(tag string) map[string]string {
	found := map[string]string{}
	for _, match := range attribute.FindAllStringSubmatch(tag, -1) {
		found[strings.ToLower(match[1])] = html.UnescapeString(match[2] + match[3] + match[4])
	}
	return found
}

// resolve makes the URL absolute, and the name one that is safe in a path.
func (f *File) resolve(base *url.URL) error {
	reference, err := url.Parse(f.URL)
	if err != nil {
		return err
	}
	absolute := base.ResolveReference(reference)
	if f.Name == "" {
		f.Name = path.Base(absolute.Path)
	}
	if strings.ContainsAny(f.Name, "/\\\x00") || strings.HasPrefix(f.Name, ".") {
		return fmt.Errorf("file name %q", f.Name)
	}
	f.URL = absolute.String()
	return nil
}
