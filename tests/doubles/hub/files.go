package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"

	"doubles/internal/serve"
)

// resolve answers `/{id}/resolve/{revision}/{path}` with a redirect to the
// place of the bytes.
func (h *Hub) resolve(c *call) {
	tree, file := c.file()
	if file == nil {
		return
	}
	header := c.w.Header()
	if file.LFS() {
		header.Set("X-Linked-Etag", quote(file.Digest.SHA256))
		header.Set("X-Linked-Size", strconv.FormatInt(file.Digest.Size, 10))
		header.Set("Accept-Ranges", "bytes")
		// The path also says which file it is, for the log and for faults.
		place := fmt.Sprintf("/cdn/%s/%s/%s/%s", c.repo.Kind, escape(c.repo.ID), file.Digest.SHA256, escape(file.Path))
		redirect(c.w, http.StatusFound, "http://"+h.CDN+place)
		return
	}
	header.Set("ETag", quote(file.Digest.Git))
	header.Set("X-Linked-Etag", quote(file.Digest.Git))
	header.Set("X-Linked-Size", strconv.FormatInt(file.Digest.Size, 10))
	place := fmt.Sprintf("/api/resolve-cache/%s/%s/%s/%s", c.repo.Kind, escape(c.repo.ID), tree.Commit, escape(file.Path))
	redirect(c.w, http.StatusTemporaryRedirect, place+"?etag="+url.QueryEscape(quote(file.Digest.Git)))
}

// resolveCache answers with the bytes of a file that git holds.
func (h *Hub) resolveCache(c *call) {
	_, file := c.file()
	if file == nil {
		return
	}
	digest := file.Digest.Git
	if file.LFS() {
		digest = file.Digest.SHA256
	}
	send(c.w, c.r, c.repo, file, digest)
}

// file finds the file that the segments after the revision name; if there is
// none, or it is closed to this client, it answers so and returns nil.
func (c *call) file() (*Tree, *File) {
	settings := &c.repo.Settings
	if token := strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer "); settings.Gated != "" && !settings.opens(token) {
		status := http.StatusForbidden
		message := "Access to model " + c.repo.ID + " is restricted and you are not in the authorized list."
		if token == "" {
			status = http.StatusUnauthorized
			message = "Access to model " + c.repo.ID + " is restricted. You must have access to it and be authenticated to access it. Please log in."
		}
		fail(c.w, status, "GatedRepo", message)
		return nil, nil
	}
	tree := c.tree()
	if tree == nil {
		return nil, nil
	}
	// Clients keep the answer "not there" under this commit.
	c.w.Header().Set("X-Repo-Commit", tree.Commit)
	file := tree.File(strings.Join(c.rest[1:], "/"))
	if file == nil {
		fail(c.w, http.StatusNotFound, "EntryNotFound", "Entry not found")
	}
	return tree, file
}

// FileServer answers as the file server on the other host name does.
func (h *Hub) FileServer() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			// As storage with signed URLs does: a token that follows a redirect is a leak.
			serve.Text(w, http.StatusBadRequest, "Only one auth mechanism allowed; the Authorization header must not follow the redirect\n")
			return
		}
		repo, file := h.linked(r.URL.EscapedPath())
		if file == nil {
			serve.Text(w, http.StatusForbidden, "Access denied\n")
			return
		}
		send(w, r, repo, file, file.Digest.SHA256)
	})
}

// linked finds the file that a path made by resolve names.
func (h *Hub) linked(escaped string) (*Repo, *File) {
	segments, err := split(escaped)
	if err != nil || len(segments) < 5 || segments[0] != "cdn" || !isKind(segments[1]) {
		return nil, nil
	}
	for _, n := range []int{1, 2} {
		id, rest := strings.Join(segments[2:2+n], "/"), segments[2+n:]
		repo, err := h.Repo(segments[1], id)
		if err != nil || len(rest) < 2 {
			continue
		}
		trees := []*Tree{repo.Main}
		for _, name := range sortedKeys(repo.Revisions) {
			trees = append(trees, repo.Revisions[name])
		}
		for _, tree := range trees {
			file := tree.File(strings.Join(rest[1:], "/"))
			if file != nil && file.Digest.SHA256 == rest[0] {
				return repo, file
			}
		}
	}
	return nil, nil
}

// send answers with the bytes of a file; ranges and `If-None-Match` work.
func send(w http.ResponseWriter, r *http.Request, repo *Repo, file *File, digest string) {
	body, err := os.Open(file.Disk)
	if err != nil {
		fail(w, http.StatusInternalServerError, "", err.Error())
		return
	}
	defer body.Close()
	name := path.Base(file.Path)
	w.Header().Set("ETag", quote(digest))
	w.Header().Set("Content-Disposition", "inline; filename*=UTF-8''"+url.PathEscape(name)+"; filename="+strconv.QuoteToASCII(name)+";")
	if repo.Settings.LastModified != "" {
		w.Header().Set("Last-Modified", repo.Settings.LastModified)
	}
	kind := "application/octet-stream"
	if !file.LFS() {
		kind = "text/plain; charset=utf-8"
	}
	serve.Content(w, r, kind, body)
}

func quote(etag string) string { return `"` + etag + `"` }
