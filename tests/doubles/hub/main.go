// Command hub is a stand-in for the Hugging Face hub that serves a folder of
// model repositories, as unmodified clients and BuildKit's http source need it.
package main

import (
	"flag"
	"fmt"
	"os"

	"doubles/internal/serve"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "`address` of the hub")
	cdn := flag.String("cdn", "localhost:8082", "`address` of the file server that large files are redirected to; its host name must differ from the hub's")
	cdnListen := flag.String("cdn-listen", "", "`address` to bind the file server to, if not -cdn")
	root := flag.String("root", "", "`folder` org/name/… with the repositories")
	logPath := flag.String("log", "", "`file` to append one line a request to")
	faults := flag.String("faults", "", "`file` with ways to fail")
	flag.Parse()
	if *cdnListen == "" {
		*cdnListen = *cdn
	}
	if err := run(*listen, *cdn, *cdnListen, *root, *logPath, *faults); err != nil {
		fmt.Fprintln(os.Stderr, "hub:", err)
		os.Exit(1)
	}
}

func run(listen, cdn, cdnListen, root, logPath, faultsPath string) error {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return fmt.Errorf("-root %q is not a folder", root)
	}
	log, err := serve.OpenLog(logPath)
	if err != nil {
		return err
	}
	faults := serve.OpenFaults(faultsPath)
	hub := &Hub{Store: Store{Root: root}, CDN: cdn}
	return serve.Run(
		serve.Site{Address: listen, Handler: serve.Handler(hub, log, faults)},
		serve.Site{Address: cdnListen, Handler: serve.Handler(hub.FileServer(), log, faults)},
	)
}
