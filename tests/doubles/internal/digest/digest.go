// Package digest computes the digests of files once per version of the file.
package digest

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Sums are the digests of one file.
type Sums struct {
	Size   int64
	SHA256 string
	Git    string // git blob id: sha1 of `blob LEN\0` and the bytes
}

// Cache remembers digests by path, size and modification time, so that a large
// file isn't read for each request.
type Cache struct {
	mu      sync.Mutex
	entries map[string]*entry
}

type entry struct {
	mu    sync.Mutex // held while hashing: a second request waits and doesn't hash again
	mtime time.Time
	sums  Sums
	known bool
}

// File returns the digests of the file at path.
func (c *Cache) File(path string) (Sums, error) {
	c.mu.Lock()
	if c.entries == nil {
		c.entries = map[string]*entry{}
	}
	e := c.entries[path]
	if e == nil {
		e = &entry{}
		c.entries[path] = e
	}
	c.mu.Unlock()

	e.mu.Lock()
	defer e.mu.Unlock()
	info, err := os.Stat(path)
	if err != nil {
		return Sums{}, err
	}
	if e.known && e.sums.Size == info.Size() && e.mtime.Equal(info.ModTime()) {
		return e.sums, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return Sums{}, err
	}
	defer file.Close()
	sums, err := read(file, info.Size())
	if err != nil {
		return Sums{}, fmt.Errorf("%s: %w", path, err)
	}
	e.sums, e.mtime, e.known = sums, info.ModTime(), true
	return sums, nil
}

func read(from io.Reader, size int64) (Sums, error) {
	content, blob := sha256.New(), sha1.New()
	fmt.Fprintf(blob, "blob %d\x00", size)
	n, err := io.Copy(io.MultiWriter(content, blob), from)
	if err != nil {
		return Sums{}, err
	}
	if n != size {
		return Sums{}, fmt.Errorf("size changed from %d to %d while it was read", size, n)
	}
	return Sums{size, hex.EncodeToString(content.Sum(nil)), hex.EncodeToString(blob.Sum(nil))}, nil
}

// Git returns the git blob id of a text in memory.
func Git(text []byte) string {
	sum := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(text)), text...))
	return hex.EncodeToString(sum[:])
}
