package main

import (
	"strings"

	"github.com/moby/sys/user"
)

const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
# a comment
#off:x:5:5::/off:

 spaced:x:21:21::/spaced:
app:x:1000:1000:App,,,:/home/app:/bin/sh
app:x:1001:1001::/second:
other:x:1000:1002::/other:
nohome:x:1003:1003:::/bin/sh
short:x:1004
noshell:x:1005:1005::/noshell
bad:x:many:1006::/bad:
empty:x:::/home/empty::
minus:x:-1:1007::/minus:
large:x:4294967296:1008::/large:
top:x:2147483647:2147483647::/top:
plus:x:+1009:+1009::/plus:
zero:x:0007:0007::/zero:
+nis:x:1010:1010::/nis:
+
two:x:1011:1012::/two::extra
42:x:1013:1013::/named42:
dash-ed_1:x:1014:1014::/dashed:
`

const group = `root:x:0:
app:x:1000:
staff:x:50:app,other

#off:x:51:
 spaced:x:21:
many:x:1:a,b,c,,d
bad:x:many:
short:x
other:x:1002
42:x:77:
dup:x:60:
dup:x:61:
plus:x:+62:
`

// users has what a Dockerfile's USER may say, each with the numbers and the home that it means in
// an image with these two files; nothing if the image has no such user.
func users() [][]any {
	names := []string{"root", "daemon", "app", "other", "nohome", "short", "noshell", "bad", "empty", "minus", "large", "top", "plus", "zero", "nis", "two", "42", "dash-ed_1", "spaced", "off", "nobody", "0", "1", "7", "1000", "1003", "1004", "1005", "1009", "1011", "1013", "2147483647", "2147483648", "4294967296", "-1", "007", "a b", "#off"}
	groups := []string{"", ":", ":root", ":app", ":staff", ":bad", ":short", ":42", ":77", ":0", ":60", ":dup", ":plus", ":spaced", ":nobody", ":2147483647", ":2147483648"}
	vectors := [][]any{{passwd, group}}
	for i, name := range names {
		for j, group := range groups {
			if i > 3 && j > 0 && (i+j)%4 != 0 {
				continue
			}
			vectors = append(vectors, []any{name + group, resolved(name + group)})
		}
	}
	return vectors
}

func resolved(spec string) any {
	found, err := user.GetExecUser(spec, nil, strings.NewReader(passwd), strings.NewReader(group))
	if err != nil {
		return nil
	}
	return []any{found.Uid, found.Gid, found.Home}
}
