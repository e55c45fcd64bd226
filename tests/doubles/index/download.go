package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Downloads keeps files by content, and fetches each once however many ask.
type Downloads struct {
	upstream *Upstream
	folder   string
	mu       sync.Mutex
	running  map[string]*download
	metadata sync.Map // path -> *sync.Mutex, held while the metadata is fetched
}

// download is a file on its way: readers follow the writer.
type download struct {
	size    int64 // what upstream announced, -1 if nothing
	temp    *os.File
	mu      sync.Mutex
	more    *sync.Cond
	written int64
	done    bool
	err     error
}

// Path is where the file is, or will be.
func (d *Downloads) Path(file *File) string {
	if file.disk != "" {
		return file.disk
	}
	return filepath.Join(d.folder, file.Key(), file.Name)
}

// Open returns the bytes of a file, which may still be on their way.
func (d *Downloads) Open(file *File) (io.ReadSeekCloser, error) {
	d.mu.Lock()
	running := d.running[file.Key()]
	if running == nil {
		// Under the lock: what is neither running nor kept is begun once.
		if kept, err := os.Open(d.Path(file)); err == nil || !errors.Is(err, os.ErrNotExist) {
			d.mu.Unlock()
			return kept, err
		}
		running = &download{}
		running.more = sync.NewCond(&running.mu)
		d.running[file.Key()] = running
		go d.fetch(file, running)
	}
	d.mu.Unlock()
	return running.open(d.Path(file))
}

// Kept reports whether the file needs no request upstream.
func (d *Downloads) Kept(file *File) bool {
	_, err := os.Stat(d.Path(file))
	return err == nil
}

// open waits until it is known how long the file is.
func (d *download) open(path string) (io.ReadSeekCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.done && (d.temp == nil || d.size < 0) {
		d.more.Wait()
	}
	if d.err != nil {
		return nil, d.err
	}
	if d.done {
		return os.Open(path)
	}
	file, err := os.Open(d.temp.Name())
	if errors.Is(err, os.ErrNotExist) {
		// Moved into place a moment ago.
		return os.Open(path)
	}
	if err != nil {
		return nil, err
	}
	return &follower{download: d, file: file}, nil
}

// fetch runs to the end even if the client that asked has gone.
func (d *Downloads) fetch(file *File, running *download) {
	err := d.write(file, running)
	d.mu.Lock()
	delete(d.running, file.Key())
	d.mu.Unlock()
	running.mu.Lock()
	running.done, running.err = true, err
	running.mu.Unlock()
	running.more.Broadcast()
}

func (d *Downloads) write(file *File, running *download) error {
	response, err := d.upstream.get(file.URL, anyKind)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	path := d.Path(file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	running.mu.Lock()
	running.temp, running.size = temp, response.ContentLength
	running.mu.Unlock()
	running.more.Broadcast()

	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(temp, sum, running), response.Body); err != nil {
		return err
	}
	if expected := file.Hashes["sha256"]; expected != "" && fmt.Sprintf("%x", sum.Sum(nil)) != expected {
		return fmt.Errorf("%s: upstream sent bytes of another digest", file.Name)
	}
	return os.Rename(temp.Name(), path)
}

// Write counts what is on disk; the bytes are written already.
func (d *download) Write(p []byte) (int, error) {
	d.mu.Lock()
	d.written += int64(len(p))
	d.mu.Unlock()
	d.more.Broadcast()
	return len(p), nil
}

// follower reads a download while it grows. Its last byte comes only when the
// digest is checked, so no client gets a whole file that is wrong.
type follower struct {
	download *download
	file     *os.File
	offset   int64
}

func (f *follower) Read(p []byte) (int, error) {
	d := f.download
	if f.offset >= d.size {
		return 0, io.EOF
	}
	d.mu.Lock()
	available := func() int64 {
		if d.done {
			return d.size
		}
		return min(d.written, d.size-1)
	}
	for !d.done && available() <= f.offset {
		d.more.Wait()
	}
	end, err := available(), d.err
	d.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := f.file.ReadAt(p[:min(int64(len(p)), end-f.offset)], f.offset)
	f.offset += int64(n)
	return n, err
}

func (f *follower) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.offset
	case io.SeekEnd:
		offset += f.download.size
	}
	f.offset = offset
	return offset, nil
}

func (f *follower) Close() error { return f.file.Close() }
