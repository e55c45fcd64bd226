// Package serve is what both doubles share: listening, the request log, and
// failing on request.
package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// grace is how long open answers may take after a signal to stop.
const grace = 2 * time.Second

// Handler puts the faults and the log in front of next.
func Handler(next http.Handler, log *Log, faults *Faults) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &recorder{ResponseWriter: w, request: r, log: log, length: -1}
		// Also when a fault aborts the answer by a panic.
		defer recorder.finish()
		fault, err := faults.next(r)
		switch {
		case err != nil:
			Text(recorder, http.StatusInternalServerError, "faults file: "+err.Error()+"\n")
		case fault != nil:
			fault.serve(recorder, r, next)
		default:
			next.ServeHTTP(recorder, r)
		}
	})
}

// Text answers with a short text (or JSON, where it starts with a brace).
func Text(w http.ResponseWriter, status int, text string) {
	kind := "text/plain; charset=utf-8"
	if text != "" && text[0] == '{' {
		kind = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// Bytes answers with a body in memory; `Range` and `If-None-Match` against the
// ETag that the header already holds are honoured.
func Bytes(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	Content(w, r, kind, bytes.NewReader(body))
}

// Content is Bytes for a body that is read as it is sent.
func Content(w http.ResponseWriter, r *http.Request, kind string, body io.ReadSeeker) {
	w.Header().Set("Content-Type", kind)
	// No time: no Last-Modified, which BuildKit would make the file's mtime.
	http.ServeContent(w, r, "", time.Time{}, body)
}

// Site is one listener.
type Site struct {
	Address string
	Handler http.Handler
	TLS     string // folder for Certificate; empty: plain http
	Name    string // host that the certificate is for; empty: the address's
}

// Run serves the sites until SIGTERM or SIGINT.
func Run(sites ...Site) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	failed := make(chan error, len(sites))
	var servers []*http.Server
	for _, site := range sites {
		server := &http.Server{Handler: site.Handler, ReadHeaderTimeout: time.Minute}
		if site.TLS != "" {
			host, _, err := net.SplitHostPort(site.Address)
			if err != nil {
				return err
			}
			if site.Name != "" {
				host = site.Name
			}
			certificate, err := Certificate(site.TLS, host)
			if err != nil {
				return err
			}
			server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
		}
		// Last, so that the authority's certificate is there when the port answers.
		listener, err := net.Listen("tcp", site.Address)
		if err != nil {
			return err
		}
		if server.TLSConfig != nil {
			listener = tls.NewListener(listener, server.TLSConfig)
		}
		servers = append(servers, server)
		go func() { failed <- server.Serve(listener) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	ended, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	for _, server := range servers {
		if server.Shutdown(ended) != nil {
			server.Close()
		}
	}
	return err
}
