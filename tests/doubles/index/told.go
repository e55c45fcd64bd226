package main

import (
	"crypto/md5"
	"fmt"
	"os"
)

// Told is how an index that is not at its best tells of its files.
type Told struct {
	Digests string // of local files: "md5", "none"; else their sha256
	Leaked  string // USER:PASSWORD in the URLs of files
}

func (t Told) leaked() string {
	if t.Leaked == "" {
		return ""
	}
	return t.Leaked + "@"
}

// weaken leaves local files no better digest than this kind.
func weaken(files []File, digests string) error {
	for i := range files {
		file := &files[i]
		if file.disk == "" || digests != "md5" && digests != "none" {
			continue
		}
		file.Hashes = map[string]string{}
		if digests == "md5" {
			body, err := os.ReadFile(file.disk)
			if err != nil {
				return err
			}
			file.Hashes["md5"] = fmt.Sprintf("%x", md5.Sum(body))
		}
	}
	return nil
}
