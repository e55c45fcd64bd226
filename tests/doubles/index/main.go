// Command index is a package index that passes on what another one has, keeps
// it, and counts: the second time there is no request upstream.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"doubles/internal/serve"
)

// options are those of the command line.
type options struct {
	listen, upstream, cache, local, tls, auth, as, log, faults string

	refresh time.Duration
	told    Told
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8083", "`address` of the index; its pages are below /simple/")
	flag.StringVar(&o.upstream, "upstream", "", "`URL` of the simple pages of the index behind; empty: only what is kept or local")
	flag.StringVar(&o.cache, "cache", "", "`folder` for what was fetched")
	flag.StringVar(&o.local, "local", "", "`folder` with wheels and sdists to serve instead of upstream's of the same project")
	flag.DurationVar(&o.refresh, "refresh", time.Hour, "`age` at which a kept page is fetched again")
	flag.StringVar(&o.tls, "tls", "", "serve https; `folder` for the certificate, made on the first start, whose ca.pem clients must trust")
	flag.StringVar(&o.auth, "auth", "", "`USER:PASSWORD` that every request must bring (basic auth); empty: none")
	flag.StringVar(&o.as, "as", "", "`URL` of an index in whose place to answer, too, with the local files alone; https then is for its host")
	flag.StringVar(&o.told.Digests, "digests", "sha256", "which digests pages tell of local files: `sha256`, md5 or none")
	flag.StringVar(&o.told.Leaked, "leak", "", "`USER:PASSWORD` to write into the URLs of files, as some indexes do")
	flag.StringVar(&o.log, "log", "", "`file` to append one line a request to")
	flag.StringVar(&o.faults, "faults", "", "`file` with ways to fail")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "index:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.cache == "" {
		return fmt.Errorf("-cache is required")
	}
	log, err := serve.OpenLog(o.log)
	if err != nil {
		return err
	}
	// Like the default one, it trusts the system's certificates and honours the proxy variables.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = time.Minute
	index, err := NewIndex(o.upstream, o.cache, o.local, o.refresh, &http.Client{Transport: transport})
	if err != nil {
		return err
	}
	index.told = o.told
	handler, err := known(o.as, index, index)
	if err != nil {
		return err
	}
	handler = serve.Handler(private(o.auth, handler), log, serve.OpenFaults(o.faults))
	return serve.Run(serve.Site{Address: o.listen, Handler: handler, TLS: o.tls, Name: hostOf(o.as)})
}
