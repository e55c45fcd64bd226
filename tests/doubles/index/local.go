package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doubles/internal/digest"
)

// Local is a folder of wheels and sdists made by hand; files may come and go.
type Local struct {
	folder  string // empty: there is none
	digests digest.Cache
}

// Page returns the page of a project, or nil if the folder has no file of it.
func (l *Local) Page(project string) (*Page, error) {
	page := &Page{Meta: Meta{"1.1"}, Versions: []string{}}
	for _, name := range l.names() {
		owner, version := ownerOf(name)
		if owner != project {
			continue
		}
		file, err := l.file(name)
		if err != nil {
			return nil, err
		}
		page.Files = append(page.Files, *file)
		if !slices.Contains(page.Versions, version) {
			page.Versions = append(page.Versions, version)
		}
	}
	if len(page.Files) == 0 {
		return nil, nil
	}
	return page, nil
}

// Projects lists whose files there are.
func (l *Local) Projects() []string {
	var projects []string
	for _, name := range l.names() {
		if owner, _ := ownerOf(name); owner != "" {
			projects = append(projects, owner)
		}
	}
	return projects
}

func (l *Local) names() []string {
	if l.folder == "" {
		return nil
	}
	entries, _ := os.ReadDir(l.folder)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func (l *Local) file(name string) (*File, error) {
	path := filepath.Join(l.folder, name)
	sums, err := l.digests.File(path)
	if err != nil {
		return nil, err
	}
	file := &File{Name: name, Hashes: map[string]string{"sha256": sums.SHA256}, Size: sums.Size, Yanked: json.RawMessage("false"), disk: path}
	if !file.Wheel() {
		return file, nil
	}
	metadata, err := wheelMetadata(path)
	if err != nil {
		return nil, err
	}
	file.CoreMetadata = json.RawMessage(fmt.Sprintf(`{"sha256":"%x"}`, sha256.Sum256(metadata)))
	lines := bufio.NewScanner(bytes.NewReader(metadata))
	for lines.Scan() && lines.Text() != "" {
		if value, ok := strings.CutPrefix(lines.Text(), "Requires-Python:"); ok {
			file.RequiresPython = strings.TrimSpace(value)
		}
	}
	return file, nil
}

// ownerOf takes the normalized project and the version from a file's name;
// both are empty if it is neither a wheel nor an sdist.
func ownerOf(name string) (project, version string) {
	if stem, ok := strings.CutSuffix(name, ".whl"); ok {
		parts := strings.Split(stem, "-")
		if len(parts) < 5 {
			return "", ""
		}
		return normalize(parts[0]), parts[1]
	}
	for _, suffix := range []string{".tar.gz", ".zip"} {
		if stem, ok := strings.CutSuffix(name, suffix); ok {
			if at := strings.LastIndex(stem, "-"); at > 0 {
				return normalize(stem[:at]), stem[at+1:]
			}
		}
	}
	return "", ""
}
