package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Fault is one way to fail, for the requests that it matches.
type Fault struct {
	Match    string            `json:"match"`    // substring of the path with its query
	Method   string            `json:"method"`   // empty: any
	Times    *int              `json:"times"`    // so many requests; absent: always
	DelayMS  int               `json:"delay_ms"` // before the answer, and before any other fault of this rule
	Status   int               `json:"status"`   // instead of the answer
	Redirect string            `json:"redirect"` // "loop": to the same URL
	Close    bool              `json:"close"`    // the connection, without an answer
	Cut      *int64            `json:"cut"`      // the connection, after so many body bytes
	Wrong    bool              `json:"wrong"`    // every body byte is flipped, length and headers are true
	Headers  map[string]string `json:"headers"`  // set on the answer, true or false
}

// Faults are the rules of a file, read again whenever it changes; the first
// rule that matches and isn't used up applies.
type Faults struct {
	path  string
	mu    sync.Mutex
	seen  fs.FileInfo // nil: the file is absent
	err   error
	rules []Fault
	used  []int
}

// OpenFaults returns the rules in the file at path, which may come later.
func OpenFaults(path string) *Faults { return &Faults{path: path} }

// next returns the rule for a request and counts it, or nil.
func (f *Faults) next(r *http.Request) (*Fault, error) {
	if f.path == "" {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reload()
	if f.err != nil {
		return nil, f.err
	}
	for i := range f.rules {
		rule := &f.rules[i]
		matches := strings.Contains(r.RequestURI, rule.Match) || strings.Contains(r.URL.Path, rule.Match)
		if !matches || rule.Method != "" && rule.Method != r.Method || rule.Times != nil && f.used[i] >= *rule.Times {
			continue
		}
		f.used[i]++
		return rule, nil
	}
	return nil, nil
}

func (f *Faults) reload() {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.seen, f.err, f.rules = nil, nil, nil
		return
	}
	if err != nil {
		f.err = err
		return
	}
	// A file that was replaced differs in its inode even where size and time are equal.
	if f.seen != nil && os.SameFile(f.seen, info) && f.seen.Size() == info.Size() && f.seen.ModTime().Equal(info.ModTime()) {
		return
	}
	text, err := os.ReadFile(f.path)
	if err == nil {
		f.rules, err = parseFaults(text)
	}
	f.seen, f.err, f.used = info, err, make([]int, len(f.rules))
}

// parseFaults reads one JSON array, or JSON objects one after the other. An
// unknown key is an error: a test must not pass because of a typing mistake.
func parseFaults(text []byte) ([]Fault, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var rules []Fault
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		if err := decoder.Decode(&rules); err != nil {
			return nil, err
		}
		return rules, checkFaults(rules)
	}
	for {
		var rule Fault
		if err := decoder.Decode(&rule); err == io.EOF {
			return rules, checkFaults(rules)
		} else if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
}

func checkFaults(rules []Fault) error {
	for i, rule := range rules {
		switch {
		case rule.Redirect != "" && rule.Redirect != "loop":
			return fmt.Errorf("rule %d: redirect %q, the only kind is \"loop\"", i+1, rule.Redirect)
		case rule.Status != 0 && (rule.Status < 200 || rule.Status > 599):
			return fmt.Errorf("rule %d: status %d", i+1, rule.Status)
		}
	}
	return nil
}

// serve answers a request by the rule.
func (f *Fault) serve(w *recorder, r *http.Request, next http.Handler) {
	if f.DelayMS > 0 {
		select {
		case <-time.After(time.Duration(f.DelayMS) * time.Millisecond):
		case <-r.Context().Done():
		}
	}
	if f.Close {
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Redirect == "loop":
		f.setHeaders(w.Header())
		w.Header().Set("Location", r.RequestURI)
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusFound)
	case f.Status != 0:
		f.setHeaders(w.Header())
		Text(w, f.Status, fmt.Sprintf("{\"error\":\"injected fault %d\"}\n", f.Status))
	default:
		next.ServeHTTP(&faulty{ResponseWriter: w, fault: f, head: r.Method == http.MethodHead}, r)
	}
}

func (f *Fault) setHeaders(header http.Header) {
	for name, value := range f.Headers {
		header.Set(name, value)
	}
}

// faulty spoils the true answer.
type faulty struct {
	http.ResponseWriter
	fault  *Fault
	head   bool // no body is sent, so there is none to cut
	header bool
	sent   int64
}

func (w *faulty) WriteHeader(status int) {
	if !w.header && status >= 200 {
		w.header = true
		w.fault.setHeaders(w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *faulty) Write(p []byte) (int, error) {
	if !w.header {
		w.WriteHeader(http.StatusOK)
	}
	if w.fault.Wrong {
		p = bytes.Clone(p)
		for i := range p {
			p[i] ^= 1
		}
	}
	if cut := w.fault.Cut; cut != nil && !w.head && w.sent+int64(len(p)) > *cut {
		n, err := w.ResponseWriter.Write(p[:*cut-w.sent])
		if err == nil {
			// What is buffered would be lost with the connection.
			_ = http.NewResponseController(w.ResponseWriter).Flush()
		}
		w.sent += int64(n)
		panic(http.ErrAbortHandler)
	}
	n, err := w.ResponseWriter.Write(p)
	w.sent += int64(n)
	return n, err
}
