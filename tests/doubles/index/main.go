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

func main() {
	listen := flag.String("listen", "127.0.0.1:8083", "`address` of the index; its pages are below /simple/")
	upstream := flag.String("upstream", "", "`URL` of the simple pages of the index behind; empty: only what is kept or local")
	cache := flag.String("cache", "", "`folder` for what was fetched")
	local := flag.String("local", "", "`folder` with wheels and sdists to serve instead of upstream's of the same project")
	refresh := flag.Duration("refresh", time.Hour, "`age` at which a kept page is fetched again")
	tls := flag.String("tls", "", "serve https; `folder` for the certificate, made on the first start, whose ca.pem clients must trust")
	auth := flag.String("auth", "", "`USER:PASSWORD` that every request must bring (basic auth); empty: none")
	as := flag.String("as", "", "`URL` of an index in whose place to answer, too, with the local files alone; https then is for its host")
	logPath := flag.String("log", "", "`file` to append one line a request to")
	faults := flag.String("faults", "", "`file` with ways to fail")
	flag.Parse()
	if err := run(*listen, *upstream, *cache, *local, *refresh, *tls, *auth, *as, *logPath, *faults); err != nil {
		fmt.Fprintln(os.Stderr, "index:", err)
		os.Exit(1)
	}
}

func run(listen, upstream, cache, local string, refresh time.Duration, tls, auth, as, logPath, faults string) error {
	if cache == "" {
		return fmt.Errorf("-cache is required")
	}
	log, err := serve.OpenLog(logPath)
	if err != nil {
		return err
	}
	// Like the default one, it trusts the system's certificates and honours the proxy variables.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = time.Minute
	index, err := NewIndex(upstream, cache, local, refresh, &http.Client{Transport: transport})
	if err != nil {
		return err
	}
	handler, err := known(as, index, index)
	if err != nil {
		return err
	}
	handler = serve.Handler(private(auth, handler), log, serve.OpenFaults(faults))
	return serve.Run(serve.Site{Address: listen, Handler: handler, TLS: tls, Name: hostOf(as)})
}
