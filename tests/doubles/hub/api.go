package main

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"doubles/internal/digest"
	"doubles/internal/serve"
)

// Info is what the hub tells about a repository at one revision.
type Info struct {
	ID           string            `json:"id"`
	ModelID      string            `json:"modelId,omitempty"`
	Author       string            `json:"author,omitempty"`
	SHA          string            `json:"sha"`
	LastModified string            `json:"lastModified"`
	CreatedAt    string            `json:"createdAt"`
	Private      bool              `json:"private"`
	Gated        any               `json:"gated"` // false, "auto" or "manual"
	Disabled     bool              `json:"disabled"`
	Downloads    int               `json:"downloads"`
	Likes        int               `json:"likes"`
	Library      string            `json:"library_name,omitempty"`
	Pipeline     string            `json:"pipeline_tag,omitempty"`
	Tags         []string          `json:"tags"`
	Card         map[string]string `json:"cardData,omitempty"`
	Siblings     []Sibling         `json:"siblings"`
}

// Sibling is one file in Info; all but its name only if blobs are asked for.
type Sibling struct {
	Name string      `json:"rfilename"`
	Size *int64      `json:"size,omitempty"`
	Blob string      `json:"blobId,omitempty"`
	LFS  *SiblingLFS `json:"lfs,omitempty"`
}

// SiblingLFS is what stands for the content of a Sibling that git doesn't hold.
type SiblingLFS struct {
	SHA256      string `json:"sha256"`
	Size        int64  `json:"size"`
	PointerSize int    `json:"pointerSize"`
}

// Row is one entry of a tree.
type Row struct {
	Type string  `json:"type"` // "file" or "directory"
	OID  string  `json:"oid"`
	Size int64   `json:"size"`
	LFS  *RowLFS `json:"lfs,omitempty"`
	Path string  `json:"path"`
}

// RowLFS is SiblingLFS under the names that the tree uses.
type RowLFS struct {
	OID         string `json:"oid"`
	Size        int64  `json:"size"`
	PointerSize int    `json:"pointerSize"`
}

// The dates of every repository: no answer depends on when a file was laid down.
const (
	createdAt    = "2024-01-01T00:00:00.000Z"
	lastModified = "2024-01-02T00:00:00.000Z"
)

func (h *Hub) info(c *call) {
	tree := c.tree()
	if tree == nil {
		return
	}
	settings := &c.repo.Settings
	info := Info{ID: c.repo.ID, SHA: tree.Commit, CreatedAt: createdAt, LastModified: lastModified, Private: settings.Private, Gated: false, Siblings: []Sibling{}}
	if c.repo.Kind == "models" {
		info.ModelID = c.repo.ID
	}
	if settings.Gated != "" {
		info.Gated = settings.Gated
	}
	if author, _, ok := strings.Cut(c.repo.ID, "/"); ok {
		info.Author = author
	}
	info.addCard(tree)
	_, blobs := c.r.URL.Query()["blobs"]
	for _, file := range listed(c.repo, tree) {
		sibling := Sibling{Name: file.Path}
		if blobs {
			sibling.Size, sibling.Blob = &file.Digest.Size, file.Blob()
			if file.LFS() {
				sibling.LFS = &SiblingLFS{file.Digest.SHA256, file.Digest.Size, len(file.Pointer())}
			}
		}
		info.Siblings = append(info.Siblings, sibling)
	}
	c.json(info)
}

func (h *Hub) tree(c *call) {
	tree := c.tree()
	if tree == nil {
		return
	}
	folder := ""
	if len(c.rest) > 1 {
		folder = strings.Join(c.rest[1:], "/") + "/"
	}
	query := c.r.URL.Query()
	recursive, _ := strconv.ParseBool(query.Get("recursive"))
	expand, _ := strconv.ParseBool(query.Get("expand"))
	rows := rows(listed(c.repo, tree), folder, recursive)
	if folder != "" && len(rows) == 0 {
		fail(c.w, http.StatusNotFound, "EntryNotFound", strings.TrimSuffix(folder, "/")+" does not exist on \""+c.rest[0]+"\"")
		return
	}
	// The hub's own page sizes.
	size := 1000
	if expand {
		size = 50
	}
	if limit, err := strconv.Atoi(query.Get("limit")); err == nil && limit > 0 {
		size = min(limit, size)
	}
	if c.repo.Settings.PageSize > 0 {
		size = c.repo.Settings.PageSize
	}
	start, _ := strconv.Atoi(query.Get("cursor"))
	start = min(max(start, 0), len(rows))
	end := min(start+size, len(rows))
	if end < len(rows) {
		query.Set("cursor", strconv.Itoa(end))
		next := url.URL{Scheme: "http", Host: c.r.Host, Path: c.r.URL.Path, RawPath: c.r.URL.RawPath, RawQuery: query.Encode()}
		c.w.Header().Set("Link", fmt.Sprintf("<%s>; rel=\"next\"", &next))
	}
	c.json(rows[start:end])
}

func (h *Hub) pathsInfo(c *call) {
	tree := c.tree()
	if tree == nil {
		return
	}
	var body struct{ Paths []string }
	var err error
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		err = json.NewDecoder(c.r.Body).Decode(&body)
	} else if err = c.r.ParseForm(); err == nil {
		body.Paths = c.r.PostForm["paths"]
	}
	if err != nil {
		fail(c.w, http.StatusBadRequest, "", err.Error())
		return
	}
	unnamed := func(row Row) bool { return !slices.Contains(body.Paths, row.Path) }
	c.json(slices.DeleteFunc(rows(tree.Files, "", true), unnamed))
}

func (h *Hub) refs(c *call) {
	type ref struct {
		Name   string `json:"name"`
		Ref    string `json:"ref"`
		Target string `json:"targetCommit"`
	}
	answer := struct {
		Branches []ref `json:"branches"`
		Converts []ref `json:"converts"`
		Tags     []ref `json:"tags"`
	}{[]ref{{"main", "refs/heads/main", c.repo.Main.Commit}}, []ref{}, []ref{}}
	for _, name := range sortedKeys(c.repo.Revisions) {
		commit := c.repo.Revisions[name].Commit
		if _, tag := c.repo.Settings.Refs[name]; tag {
			answer.Tags = append(answer.Tags, ref{name, "refs/tags/" + name, commit})
		} else if !strings.HasPrefix(name, "refs/") {
			answer.Branches = append(answer.Branches, ref{name, "refs/heads/" + name, commit})
		}
	}
	c.json(answer)
}

// listed is the files that an answer names: those there are, then the hostile
// ones.
func listed(repo *Repo, tree *Tree) []File {
	files := slices.Clone(tree.Files)
	for _, path := range repo.Settings.ExtraSiblings {
		empty := digest.Sums{SHA256: fmt.Sprintf("%064x", len(path)), Git: digest.Git(nil)}
		files = append(files, File{Path: path, Digest: empty})
	}
	return files
}

// rows lists what is below a folder ("" or ending in a slash): all of it, or
// the first level.
func rows(files []File, folder string, recursive bool) []Row {
	rows := []Row{}
	folders := map[string]bool{}
	for _, file := range files {
		below, ok := strings.CutPrefix(file.Path, folder)
		if !ok {
			continue
		}
		nested := false
		for i, char := range below {
			path := folder + below[:i]
			if char != '/' || i == 0 || nested && !recursive {
				continue
			}
			nested = true
			if !folders[path] {
				folders[path] = true
				rows = append(rows, Row{Type: "directory", OID: folderID(files, path), Path: path})
			}
		}
		if nested && !recursive {
			continue
		}
		row := Row{Type: "file", OID: file.Blob(), Size: file.Digest.Size, Path: file.Path}
		if file.LFS() {
			row.LFS = &RowLFS{file.Digest.SHA256, file.Digest.Size, len(file.Pointer())}
		}
		rows = append(rows, row)
	}
	return rows
}

// folderID stands for the id of git's tree object: it follows the content.
func folderID(files []File, folder string) string {
	sum := sha1.New()
	for _, file := range files {
		if strings.HasPrefix(file.Path, folder+"/") {
			fmt.Fprintf(sum, "%s %s\n", file.Blob(), file.Path)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// tree returns the revision that the first segment names (main if there is
// none); if there is no such revision it answers so and returns nil.
func (c *call) tree() *Tree {
	name := "main"
	if len(c.rest) > 0 {
		name = c.rest[0]
	}
	tree := c.repo.Revision(name)
	if tree == nil {
		fail(c.w, http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+name)
	}
	return tree
}

// json answers with a value; equal values give equal bytes and an equal ETag.
func (c *call) json(value any) {
	body, err := json.Marshal(value)
	if err != nil {
		fail(c.w, http.StatusInternalServerError, "", err.Error())
		return
	}
	c.w.Header().Set("ETag", fmt.Sprintf("W/\"%x\"", sha1.Sum(body)))
	serve.Bytes(c.w, c.r, "application/json; charset=utf-8", body)
}
