package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPoorIndexesTellLess(t *testing.T) {
	body := wheel(t, "a", "1", 1)
	local := t.TempDir()
	if err := os.WriteFile(filepath.Join(local, "a-1-py3-none-any.whl"), body, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		told Told
		want string
	}{
		{Told{}, fmt.Sprintf("map[sha256:%s]", sha(body))},
		{Told{Digests: "sha256"}, fmt.Sprintf("map[sha256:%s]", sha(body))},
		{Told{Digests: "md5"}, fmt.Sprintf("map[md5:%x]", md5.Sum(body))},
		{Told{Digests: "none", Leaked: "me:pw"}, "map[]"},
	} {
		index, err := NewIndex("", t.TempDir(), local, time.Hour, nil)
		if err != nil {
			t.Fatal(err)
		}
		index.told = row.told
		server := start(t, index)
		file := page(t, server, "a").Files[0]
		if got := fmt.Sprint(file.Hashes); got != row.want {
			t.Errorf("%+v: %s", row.told, got)
		}
		if leaks := strings.HasPrefix(file.URL, "http://me:pw@"); leaks != (row.told.Leaked != "") {
			t.Errorf("%+v: %s", row.told, file.URL)
		}
		if _, got := get(t, "GET", file.URL); got != string(body) {
			t.Errorf("%+v: other bytes", row.told)
		}
	}
}
