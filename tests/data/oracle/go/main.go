// Command oracle writes what Go's own libraries answer to odd inputs, for tests/it/oracle.
//
// usage: go run . FOLDER
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

func main() {
	folder := os.Args[1]
	write(filepath.Join(folder, "images.json"), images())
	write(filepath.Join(folder, "ignore.json"), ignores())
	write(filepath.Join(folder, "urls.json"), urls())
	write(filepath.Join(folder, "sizes.json"), sizes())
	write(filepath.Join(folder, "users.json"), users())
	write(filepath.Join(folder, "platforms.json"), platformTexts())
	write(filepath.Join(folder, "durations.json"), durations())
	write(filepath.Join(folder, "signals.json"), signals())
}

// write puts one vector on a line, so that a change shows as one.
func write(path string, vectors [][]any) {
	var out bytes.Buffer
	for i, vector := range vectors {
		start := ",\n"
		if i == 0 {
			start = "[\n"
		}
		out.WriteString(start)
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		check(encoder.Encode(vector))
		out.Write(bytes.TrimSpace(line.Bytes()))
	}
	out.WriteString("\n]\n")
	check(os.WriteFile(path, out.Bytes(), 0o644))
	fmt.Println(path, len(vectors))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// literals are the texts that a module's own tests hold, each once and sorted.
func literals(module string, files ...string) []string {
	list, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	check(err)
	found := map[string]bool{}
	for _, name := range files {
		path := filepath.Join(strings.TrimSpace(string(list)), name)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		check(err)
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				check(err)
				found[text] = true
			}
			return true
		})
	}
	return sorted(found)
}

func sorted(set map[string]bool) []string {
	texts := make([]string, 0, len(set))
	for text := range set {
		texts = append(texts, text)
	}
	sort.Strings(texts)
	return texts
}
