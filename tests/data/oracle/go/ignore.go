package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Lines of ignore files. Many are out of people's reports: a byte order mark, slashes at either
// end, spaces, comments behind patterns, exclamation marks, patterns written for git.
var ignoreLines = []string{
	"", "a", "/a", "a/", "/a/", "./a", "/./a", "//a", "a//b", "a/./b", "a/../b", "../a", "/../a", "a/..", "..", ".", "/", "./", "//", "a/../..",
	"*", "**", "**/", "/**", "/*", "*/", ".*/", "**/*.pyc", "**/__pycache__/", "*.sublime-*", "a/**/b", "a/*", "a/**", "/datasets/*", "**/node_modules",
	"?", "[ab]", "[a-c]", "[^a]", "[", "[]", "]", "a[", "[]a]", "\\", "\\a", "a\\", "\\#a", "\\!a", "a\\ ", "\\*", "a\\/b",
	"#", "#a", " #a", "\t#a", "a#b", "a #b", "# !a",
	"!", "!a", "! a", " !a", " ! a ", "!/a", "!./a", "!a/", "!!a", "! ", "!.", "!/", "!..", "!../a", "!**", "!**/README.md", "!*.md", "!a/..",
	" ", "\t", "  a  ", "a b", "a\tb", "a ", "a\u00a0", "\u00a0", "\u2028", "\u3000a", "a\u0085", "a\u200b", "\ufeff", "\ufeffa", "\ufeff#a", "\ufeff\ufeffa", " \ufeffa",
	"a\r", "\r", "a\r\r", "\ra", "#a\r", "!a\r", "a\vb", "\va", "a\x00b", "\x1ca", "a\x1c",
	"...", "..a", "a..", ".../a", "a/.../b", ".a", ".git", "/.git", ".git/", "a/.", "a/./", "/.", "/..", "!/..", "a/b/../../c", "/a/../../b", "a/b/../..",
	"ä/ö", "日本語", "C:\\a", "C:/a", "~/a", "$HOME/a", "${A}/b", "a,b", "\"a\"", "'a b'", "a;b", "(a)", "{a,b}", "+a", "^a$",
}

// Paths that the patterns could mean.
var ignorePaths = []string{
	"a", "b", "c", "a/b", "a/b/c", "a/README.md", "README.md", "a b", ".git", ".git/config", "x.pyc", "a/x.pyc", "datasets/1", "..a", "...", "!a", "#a", "ä/ö", "\\", "[", "a#b",
}

// ignores has files, each with the patterns in it. It also has, for those that we leave out, what
// shows that we may: whether all matches stay the same without them.
func ignores() [][]any {
	var files []string
	files = append(files, ignoreLines...)
	for i, line := range ignoreLines {
		next, after := ignoreLines[(i+7)%len(ignoreLines)], ignoreLines[(i*5+3)%len(ignoreLines)]
		files = append(files, line+"\n"+next+"\r\n"+after+"\n")
	}
	files = append(files, literals("github.com/moby/patternmatcher", "ignorefile/ignorefile_test.go")...)
	files = append(files, "\ufeff/a\n\ufeff/b\n", "a\n\n\n", "\n\n", "a\nb", "a\rb\nc", strings.Repeat("a\n", 40))
	var vectors [][]any
	for _, text := range files {
		patterns, err := ignorefile.ReadAll(strings.NewReader(text))
		if err != nil {
			vectors = append(vectors, []any{text, nil, false})
			continue
		}
		vectors = append(vectors, []any{text, append([]string{}, patterns...), sameWithout(patterns)})
	}
	return vectors
}

func sameWithout(patterns []string) bool {
	empty := []string{".", "/", "!.", "!/"}
	rest := slices.DeleteFunc(slices.Clone(patterns), func(it string) bool { return slices.Contains(empty, it) })
	return matches(patterns) == matches(rest)
}

func matches(patterns []string) string {
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for _, path := range ignorePaths {
		match, err := matcher.MatchesOrParentMatches(path)
		fmt.Fprint(&out, match, err, " ")
	}
	return out.String()
}
