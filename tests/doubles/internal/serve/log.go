package serve

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
)

// Log is the request log: one line a request, `METHOD PATH STATUS BYTES`.
//
// The file is opened for each line, so that a test may remove or truncate it
// between two builds.
type Log struct{ path string }

// OpenLog returns the log at path; an empty path logs nothing.
func OpenLog(path string) (*Log, error) {
	if path == "" {
		return &Log{}, nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &Log{path}, file.Close()
}

func (l *Log) line(method, uri string, status int, bytes int64) {
	if l.path == "" {
		return
	}
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		// One write, so that lines of concurrent requests don't mix.
		_, err = fmt.Fprintf(file, "%s %s %d %d\n", method, uri, status, bytes)
		file.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "log:", err)
	}
}

// recorder counts the body bytes of one answer and writes its log line.
//
// The line is written before the last byte leaves: a client that has the whole
// answer finds its line in the log, so tests count without waiting.
type recorder struct {
	http.ResponseWriter
	request *http.Request
	log     *Log
	once    sync.Once
	status  int   // 0 until the header is written
	length  int64 // declared Content-Length, -1 if there is none
	sent    int64
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
		r.length = -1
		if n, err := strconv.ParseInt(r.Header().Get("Content-Length"), 10, 64); err == nil {
			r.length = n
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	if r.request.Method == http.MethodHead {
		return len(p), nil
	}
	last := len(p) > 0 && r.length >= 0 && r.sent+int64(len(p)) >= r.length
	if !last {
		n, err := r.ResponseWriter.Write(p)
		r.sent += int64(n)
		return n, err
	}
	n, err := r.ResponseWriter.Write(p[:len(p)-1])
	r.sent += int64(n)
	if err != nil {
		return n, err
	}
	r.sent++
	r.finish()
	m, err := r.ResponseWriter.Write(p[len(p)-1:])
	return n + m, err
}

// finish writes the line unless it is written already.
func (r *recorder) finish() {
	r.once.Do(func() { r.log.line(r.request.Method, r.request.RequestURI, r.status, r.sent) })
}
