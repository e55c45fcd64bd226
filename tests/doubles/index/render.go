package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// The content types of a page, as in PEP 691.
const (
	kindJSON   = "application/vnd.pypi.simple.v1+json"
	kindHTML   = "application/vnd.pypi.simple.v1+html"
	kindLegacy = "text/html"
)

// negotiate chooses the content type that a client likes best; "" if there is
// none. Ties go to the order above.
func negotiate(accept string) string {
	if accept == "" {
		return kindLegacy
	}
	quality := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(part, ";")
		q := 1.0
		if _, value, ok := strings.Cut(parameters, "q="); ok {
			q, _ = strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		name = strings.Replace(name, ".latest+", ".v1+", 1)
		if name == "*/*" || name == "text/*" {
			name = kindLegacy
		}
		quality[name] = max(quality[name], q)
	}
	best := ""
	for _, kind := range []string{kindJSON, kindHTML, kindLegacy} {
		if quality[kind] > 0 && (best == "" || quality[kind] > quality[best]) {
			best = kind
		}
	}
	return best
}

// rendering says for whom a page is rendered; large ones take a while.
type rendering struct{ base, kind, digests string }

type rendered struct {
	body []byte
	etag string
}

// render returns the page as a body whose links begin with base, with digests of this kind.
func (p *Page) render(base, project, kind, digests string) (*rendered, error) {
	key := rendering{base, kind, digests}
	if known, ok := p.rendered.Load(key); ok {
		return known.(*rendered), nil
	}
	served := p.served(base, project)
	if err := weaken(served.Files, digests); err != nil {
		return nil, err
	}
	var body []byte
	var err error
	if kind == kindJSON {
		body, err = served.json()
	} else {
		body = served.html()
	}
	if err != nil {
		return nil, err
	}
	answer := &rendered{body, etag(body)}
	p.rendered.Store(key, answer)
	return answer, nil
}

// served returns the page as this server tells it: links lead back here, and
// every wheel has metadata, which is fetched or taken from the wheel when it is
// asked for.
func (p *Page) served(base, project string) *Page {
	page := &Page{Meta: Meta{"1.1"}, Name: project, Versions: p.Versions, Files: make([]File, len(p.Files))}
	if p.Versions == nil {
		// A field that 1.1 demands and HTML doesn't have.
		page.Meta.API = "1.0"
	}
	for i, file := range p.Files {
		file.URL = fmt.Sprintf("%s/files/%s/%s/%s", base, project, file.Key(), url.PathEscape(file.Name))
		unknown := len(file.CoreMetadata) == 0 || string(file.CoreMetadata) == "false" || string(file.CoreMetadata) == "null"
		switch {
		case !file.Wheel():
			file.CoreMetadata = nil
		case unknown:
			file.CoreMetadata = json.RawMessage("true")
		}
		// The field's first name, which older clients read.
		file.DistInfo = file.CoreMetadata
		page.Files[i] = file
	}
	return page
}

func (p *Page) json() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(p)
	return out.Bytes(), err
}

func (p *Page) html() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "<!DOCTYPE html>\n<html>\n<head><meta name=\"pypi:repository-version\" content=\"%s\"><title>Links for %s</title></head>\n<body>\n<h1>Links for %[2]s</h1>\n", p.Meta.API, html.EscapeString(p.Name))
	for _, file := range p.Files {
		address := file.URL
		for _, algorithm := range []string{"sha256", "sha512", "sha384", "md5"} {
			if sum := file.Hashes[algorithm]; sum != "" {
				address += "#" + algorithm + "=" + sum
				break
			}
		}
		fmt.Fprintf(&out, "<a href=\"%s\"", html.EscapeString(address))
		if file.RequiresPython != "" {
			fmt.Fprintf(&out, " data-requires-python=\"%s\"", html.EscapeString(file.RequiresPython))
		}
		if yanked, reason := file.yanked(); yanked {
			fmt.Fprintf(&out, " data-yanked=\"%s\"", html.EscapeString(reason))
		}
		if file.Wheel() {
			value := metadataAttribute(file.CoreMetadata)
			fmt.Fprintf(&out, " data-dist-info-metadata=\"%s\" data-core-metadata=\"%[1]s\"", html.EscapeString(value))
		}
		fmt.Fprintf(&out, ">%s</a><br/>\n", html.EscapeString(file.Name))
	}
	out.WriteString("</body>\n</html>\n")
	return out.Bytes()
}

func (f *File) yanked() (yanked bool, reason string) {
	if json.Unmarshal(f.Yanked, &reason) == nil && reason != "" {
		return true, reason
	}
	_ = json.Unmarshal(f.Yanked, &yanked)
	return yanked, ""
}

func metadataAttribute(field json.RawMessage) string {
	hashes := map[string]string{}
	if json.Unmarshal(field, &hashes) == nil && hashes["sha256"] != "" {
		return "sha256=" + hashes["sha256"]
	}
	return "true"
}

// projectList is the page of `/simple/`.
func projectList(names []string, kind string) []byte {
	if kind == kindJSON {
		type project struct {
			Name string `json:"name"`
		}
		list := struct {
			Meta     Meta      `json:"meta"`
			Projects []project `json:"projects"`
		}{Meta{"1.1"}, []project{}}
		for _, name := range names {
			list.Projects = append(list.Projects, project{name})
		}
		body, _ := json.Marshal(list)
		return body
	}
	var out bytes.Buffer
	out.WriteString("<!DOCTYPE html>\n<html>\n<body>\n")
	for _, name := range names {
		fmt.Fprintf(&out, "<a href=\"/simple/%s/\">%[1]s</a>\n", html.EscapeString(name))
	}
	out.WriteString("</body>\n</html>\n")
	return out.Bytes()
}
