package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
)

// Metadata returns a wheel's METADATA (PEP 658): as kept, as upstream has it
// beside the wheel, or out of the wheel, which is fetched for it.
func (d *Downloads) Metadata(file *File) ([]byte, error) {
	if file.disk != "" {
		return wheelMetadata(file.disk)
	}
	path := d.Path(file) + ".metadata"
	lock, _ := d.metadata.LoadOrStore(path, &sync.Mutex{})
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	if text, err := os.ReadFile(path); err == nil {
		return text, nil
	}
	text, err := d.sidecar(file)
	if errors.Is(err, errNotFound) {
		text, err = d.unpack(file)
	}
	if err != nil {
		return nil, err
	}
	return text, writeFile(path, text)
}

func (d *Downloads) sidecar(file *File) ([]byte, error) {
	if d.Kept(file) {
		return nil, errNotFound
	}
	address, err := url.Parse(file.URL)
	if err != nil {
		return nil, err
	}
	address.Path += ".metadata"
	address.RawPath = ""
	// Not every index that has these says so; asking tells.
	response, err := d.upstream.get(address.String(), anyKind)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && !strings.HasPrefix(string(text), "Metadata-Version:") {
		// Some mirrors answer 200 with a page of their own.
		return nil, errNotFound
	}
	return text, err
}

func (d *Downloads) unpack(file *File) ([]byte, error) {
	body, err := d.Open(file)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	// To the end, which is when the file is in its place.
	if _, err := io.Copy(io.Discard, body); err != nil {
		return nil, err
	}
	return wheelMetadata(d.Path(file))
}

// wheelMetadata reads `NAME-VERSION.dist-info/METADATA` out of a wheel.
func wheelMetadata(path string) ([]byte, error) {
	wheel, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer wheel.Close()
	for _, entry := range wheel.File {
		folder, name, _ := strings.Cut(entry.Name, "/")
		if !strings.HasSuffix(folder, ".dist-info") || name != "METADATA" {
			continue
		}
		text, err := entry.Open()
		if err != nil {
			return nil, err
		}
		defer text.Close()
		return io.ReadAll(text)
	}
	return nil, fmt.Errorf("%s: no METADATA in the wheel", path)
}
