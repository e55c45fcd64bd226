package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"doubles/internal/digest"
)

// Names inside a repository's folder that aren't files of the repository.
const (
	settingsFile = ".hub.json" // Settings
	revisionsDir = ".refs"     // one folder for each further revision, its name percent-encoded
)

// Settings are what a repository's `.hub.json` may say; all of it is optional.
type Settings struct {
	Gated         string            `json:"gated"`          // "auto" or "manual": files need the token
	Private       bool              `json:"private"`        // everything needs the token
	Token         string            `json:"token"`          // empty: no token is good enough
	RenamedTo     string            `json:"renamed_to"`     // requests are redirected to this id
	Commit        string            `json:"commit"`         // of main, instead of the derived one
	Refs          map[string]string `json:"refs"`           // tag -> commit; an unknown commit has main's files
	LastModified  string            `json:"last_modified"`  // HTTP date sent with every file
	PageSize      int               `json:"page_size"`      // rows on one page of the tree
	ExtraSiblings []string          `json:"extra_siblings"` // listed, never served: hostile names
}

// Repo is one repository as it is on disk now.
type Repo struct {
	Kind, ID  string
	Settings  Settings
	Main      *Tree
	Revisions map[string]*Tree // by name, without main
}

// Tree is the files of one commit.
type Tree struct {
	Commit string
	Files  []File // sorted by path
}

// File is one file of a repository.
type File struct {
	Path   string // in the repository
	Disk   string // empty for a file that is only listed
	Digest digest.Sums
}

// Store reads repositories from `ROOT/org/name` and `ROOT/datasets/org/name`.
type Store struct {
	Root    string
	digests digest.Cache
}

// errNoRepo is the answer to an id that names no repository.
var errNoRepo = errors.New("no such repository")

// Repo reads the repository with an id (`name` or `org/name`).
func (s *Store) Repo(kind, id string) (*Repo, error) {
	segments := strings.Split(id, "/")
	bad := func(name string) bool { return name == "" || name[0] == '.' || strings.ContainsAny(name, "\\\x00") }
	if len(segments) > 2 || slices.ContainsFunc(segments, bad) {
		return nil, errNoRepo
	}
	folder := s.Root
	if kind != "models" {
		folder = filepath.Join(folder, kind)
	} else if segments[0] == "datasets" || segments[0] == "spaces" {
		return nil, errNoRepo
	}
	// The walk below doesn't follow a link at its start.
	folder, err := filepath.EvalSymlinks(filepath.Join(folder, filepath.FromSlash(id)))
	if err != nil {
		return nil, errNoRepo
	}
	if !isRepo(folder, len(segments)) {
		return nil, errNoRepo
	}
	repo := &Repo{Kind: kind, ID: id, Revisions: map[string]*Tree{}}
	if repo.Settings, err = readSettings(filepath.Join(folder, settingsFile)); err != nil {
		return nil, err
	}
	if repo.Main, err = s.tree(folder); err != nil {
		return nil, err
	}
	if repo.Settings.Commit != "" {
		repo.Main.Commit = repo.Settings.Commit
	}
	revisions, _ := os.ReadDir(filepath.Join(folder, revisionsDir))
	for _, entry := range revisions {
		name, err := url.PathUnescape(entry.Name())
		if err != nil {
			return nil, err
		}
		if repo.Revisions[name], err = s.tree(filepath.Join(folder, revisionsDir, entry.Name())); err != nil {
			return nil, err
		}
	}
	for name, commit := range repo.Settings.Refs {
		files := repo.Main.Files
		if tree := repo.Revision(commit); tree != nil {
			files = tree.Files
		}
		repo.Revisions[name] = &Tree{commit, files}
	}
	return repo, nil
}

// isRepo tells a repository's folder from an organisation's, which holds none
// but folders.
func isRepo(folder string, segments int) bool {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return false
	}
	isFile := func(entry os.DirEntry) bool { return !entry.IsDir() }
	return segments == 2 || slices.ContainsFunc(entries, isFile)
}

func readSettings(path string) (settings Settings, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return settings, nil
	}
	if err != nil {
		return settings, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&settings); err != nil {
		return settings, fmt.Errorf("%s: %w", path, err)
	}
	return settings, nil
}

// tree reads the files below a folder and derives their commit.
func (s *Store) tree(folder string) (*Tree, error) {
	tree := &Tree{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if relative == revisionsDir || relative == ".git" || relative == ".cache" {
				return filepath.SkipDir
			}
			return nil
		}
		if relative == settingsFile {
			return nil
		}
		sums, err := s.digests.File(path)
		if err != nil {
			return err
		}
		tree.Files = append(tree.Files, File{filepath.ToSlash(relative), path, sums})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	var listing bytes.Buffer
	for _, file := range tree.Files {
		fmt.Fprintf(&listing, "%s %s\n", file.Blob(), file.Path)
	}
	tree.Commit = digest.Git(listing.Bytes())
	return tree, nil
}

// Revision returns the tree that a branch, tag, commit or short commit names,
// or nil.
func (r *Repo) Revision(name string) *Tree {
	if name == "main" || name == "refs/heads/main" {
		return r.Main
	}
	if tree := r.Revisions[name]; tree != nil {
		return tree
	}
	const shortest = 7 // characters of a commit that the hub accepts
	if len(name) < shortest {
		return nil
	}
	if strings.HasPrefix(r.Main.Commit, name) {
		return r.Main
	}
	for _, tree := range r.Revisions {
		if strings.HasPrefix(tree.Commit, name) {
			return tree
		}
	}
	return nil
}

// File returns the file at a path, or nil.
func (t *Tree) File(path string) *File {
	i, found := slices.BinarySearchFunc(t.Files, path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !found {
		return nil
	}
	return &t.Files[i]
}

// lfsSuffixes and lfsSize say which files the hub keeps outside git; there it
// is for `.gitattributes` to say, with a limit for the rest.
var lfsSuffixes = []string{".safetensors", ".bin", ".onnx", ".h5", ".ot", ".msgpack", ".gguf", ".pt", ".pth"}

const lfsSize = 10 << 20

// LFS reports whether git holds only a pointer to the file.
func (f *File) LFS() bool {
	suffix := func(suffix string) bool { return strings.HasSuffix(f.Path, suffix) }
	return f.Digest.Size > lfsSize || slices.ContainsFunc(lfsSuffixes, suffix)
}

// Pointer is what git holds of an LFS file.
func (f *File) Pointer() []byte {
	return fmt.Appendf(nil, "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n", f.Digest.SHA256, f.Digest.Size)
}

// Blob is the git blob id: of the file, or of its pointer.
func (f *File) Blob() string {
	if f.LFS() {
		return digest.Git(f.Pointer())
	}
	return f.Digest.Git
}
