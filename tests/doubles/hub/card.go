package main

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// addCard fills in what the hub reads from the front matter of README.md.
// Only `key: value` lines are read, not all of YAML.
func (i *Info) addCard(tree *Tree) {
	i.Tags = []string{}
	readme := tree.File("README.md")
	if readme == nil {
		return
	}
	text, err := os.ReadFile(readme.Disk)
	if err != nil {
		return
	}
	i.Card = frontMatter(string(text))
	i.Library, i.Pipeline = i.Card["library_name"], i.Card["pipeline_tag"]
	for _, tag := range []string{i.Library, i.Pipeline} {
		if tag != "" {
			i.Tags = append(i.Tags, tag)
		}
	}
	if license := i.Card["license"]; license != "" {
		i.Tags = append(i.Tags, "license:"+license)
	}
}

func frontMatter(text string) map[string]string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	end := slices.Index(lines[1:], "---")
	if lines[0] != "---" || end < 0 {
		return nil
	}
	card := map[string]string{}
	for _, line := range lines[1 : end+1] {
		key, value, ok := strings.Cut(line, ":")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if ok && value != "" && key != "" && key == strings.TrimSpace(key) {
			card[key] = value
		}
	}
	return card
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
