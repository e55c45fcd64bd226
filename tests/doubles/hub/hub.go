package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"doubles/internal/serve"
)

// Hub answers as the hub's own host does.
type Hub struct {
	Store
	CDN string // host:port of the file server
}

// call is one request to a repository, taken apart.
type call struct {
	w    http.ResponseWriter
	r    *http.Request
	repo *Repo
	rest []string // decoded path segments after the id
}

func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments, err := split(r.URL.EscapedPath())
	if err != nil {
		fail(w, http.StatusBadRequest, "", err.Error())
		return
	}
	kind, id, rest, serveCall := h.route(segments)
	if serveCall == nil {
		fail(w, http.StatusNotFound, "", "not found")
		return
	}
	repo, err := h.Repo(kind, id)
	if err != nil && !errors.Is(err, errNoRepo) {
		fail(w, http.StatusInternalServerError, "", err.Error())
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if err != nil || repo.Settings.Private && !repo.Settings.opens(token) {
		// A stranger must not learn which private repositories exist.
		if token == "" {
			fail(w, http.StatusUnauthorized, "RepoNotFound", "Invalid username or password.")
		} else {
			fail(w, http.StatusNotFound, "RepoNotFound", "Repository not found")
		}
		return
	}
	if to := repo.Settings.RenamedTo; to != "" {
		location := strings.Replace(r.URL.RequestURI(), escape(id), escape(to), 1)
		redirect(w, http.StatusTemporaryRedirect, location)
		return
	}
	serveCall(h, &call{w, r, repo, rest})
}

// route finds which call a path is, and of which repository.
func (h *Hub) route(path []string) (kind, id string, rest []string, serveCall func(*Hub, *call)) {
	if len(path) > 2 && path[0] == "api" {
		if path[1] == "resolve-cache" {
			return routeCache(path[2:])
		}
		if !isKind(path[1]) {
			return "", "", nil, nil
		}
		id, rest := splitID(path[2:], "revision", "tree", "refs", "paths-info")
		calls := map[string]func(*Hub, *call){"": (*Hub).info, "revision": (*Hub).info, "tree": (*Hub).tree, "refs": (*Hub).refs, "paths-info": (*Hub).pathsInfo}
		if len(rest) == 0 {
			return path[1], id, nil, calls[""]
		}
		return path[1], id, rest[1:], calls[rest[0]]
	}
	kind = "models"
	if len(path) > 0 && path[0] != "models" && isKind(path[0]) {
		kind, path = path[0], path[1:]
	}
	id, rest = splitID(path, "resolve")
	if len(rest) < 3 || rest[0] != "resolve" {
		return "", "", nil, nil
	}
	return kind, id, rest[1:], (*Hub).resolve
}

// routeCache takes `{kind}/{id}/{commit}/{path}` apart, where the id has one
// segment or two.
func routeCache(path []string) (kind, id string, rest []string, serveCall func(*Hub, *call)) {
	commit := slices.IndexFunc(path, func(segment string) bool { return len(segment) == 40 && isHex(segment) })
	if commit < 2 || commit > 3 || !isKind(path[0]) {
		return "", "", nil, nil
	}
	return path[0], strings.Join(path[1:commit], "/"), path[commit:], (*Hub).resolveCache
}

func isKind(name string) bool { return name == "models" || name == "datasets" || name == "spaces" }

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// splitID cuts a path after the repository's id: one segment if a verb
// follows, otherwise two.
func splitID(path []string, verbs ...string) (id string, rest []string) {
	n := min(2, len(path))
	if len(path) > 1 && slices.Contains(verbs, path[1]) {
		n = 1
	}
	return strings.Join(path[:n], "/"), path[n:]
}

// split cuts an escaped path into decoded segments, so that `refs%2Fpr%2F1` is
// one.
func split(escaped string) ([]string, error) {
	segments := strings.Split(strings.Trim(escaped, "/"), "/")
	for i, segment := range segments {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			return nil, err
		}
		segments[i] = decoded
	}
	return segments, nil
}

// escape escapes each segment of a path.
func escape(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/")
}

// opens reports whether a token gives access to what is closed.
func (s *Settings) opens(token string) bool { return s.Token != "" && token == s.Token }

// fail answers with an error as the hub words it.
func fail(w http.ResponseWriter, status int, code, message string) {
	if code != "" {
		w.Header().Set("X-Error-Code", code)
	}
	w.Header().Set("X-Error-Message", message)
	body, _ := json.Marshal(map[string]string{"error": message})
	serve.Text(w, status, string(body))
}

// redirect sends no body, so that the bytes in the log are those of files.
func redirect(w http.ResponseWriter, status int, location string) {
	w.Header().Set("Location", location)
	serve.Text(w, status, "")
}
