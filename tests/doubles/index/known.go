package main

import (
	"net/http"
	"net/url"
	"strings"

	"doubles/internal/serve"
)

// known answers in the place of an index of its own address, such as
// `https://example.org/whl/cpu`: of the local files alone, with pages in HTML
// and each file below that address by its name, as in a folder. All other
// requests are next's. An empty address is nobody's place.
func known(address string, index *Index, next http.Handler) (http.Handler, error) {
	base, err := url.Parse(address)
	if err != nil || address == "" {
		return next, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ours := strings.CutPrefix(r.URL.Path, base.Path+"/")
		if !ours {
			next.ServeHTTP(w, r)
			return
		}
		project, isPage := strings.CutSuffix(rest, "/")
		if !isPage {
			project, _ = ownerOf(strings.TrimSuffix(rest, ".metadata"))
		}
		page, err := index.local.Page(project)
		if page == nil && err == nil {
			err = errNotFound
		}
		if err != nil {
			fail(w, err)
			return
		}
		if isPage {
			for i := range page.Files {
				page.Files[i].URL = base.Path + "/" + strings.ReplaceAll(url.PathEscape(page.Files[i].Name), "+", "%2B")
			}
			page.Name = project
			serve.Bytes(w, r, kindLegacy, page.html())
			return
		}
		name := strings.TrimSuffix(rest, ".metadata")
		for _, file := range page.Files {
			if file.Name == name {
				index.file(w, r, project, file.Key(), rest)
				return
			}
		}
		fail(w, errNotFound)
	}), nil
}

// hostOf is the host of a URL; "" if it names none.
func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}
