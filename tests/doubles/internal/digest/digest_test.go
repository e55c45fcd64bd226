package digest

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	var cache Cache
	// The ids are git's own: `printf … | git hash-object --stdin`.
	for text, id := range map[string]string{
		"hello\n": "ce013625030ba8dba906f756967f9e9ca394464a",
		"":        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			sums, err := cache.File(path)
			if err != nil || sums.Git != id || sums.Size != int64(len(text)) || Git([]byte(text)) != id {
				t.Errorf("%q: %+v, %v", text, sums, err)
			}
		}
	}
}
