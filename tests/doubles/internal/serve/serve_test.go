package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// double serves 100,000 times the letter a, with what the file says of faults,
// and returns a function that asks and tells what it got.
func double(t *testing.T) (ask func(method, path string) string, faults, log string) {
	folder := t.TempDir()
	faults, log = filepath.Join(folder, "faults"), filepath.Join(folder, "log")
	requests, err := OpenLog(log)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(strings.Repeat("a", 100_000))
	server := httptest.NewServer(Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"true"`)
		Bytes(w, r, "text/plain", body)
	}), requests, OpenFaults(faults)))
	t.Cleanup(server.Close)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ask = func(method, path string) string {
		request, err := http.NewRequest(method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			return "no answer"
		}
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		header := response.Header
		return fmt.Sprint(response.StatusCode, header.Get("ETag"), header.Get("Location"), header.Get("X-More"), " ", len(got), "/", response.ContentLength, " ", first(got), err != nil)
	}
	return ask, faults, log
}

func first(body []byte) string { return string(body[:min(1, len(body))]) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestFaults(t *testing.T) {
	ask, faults, log := double(t)
	const good = `200"true" 100000/100000 afalse`
	for _, test := range []struct{ rules, method, path, want string }{
		{"", "GET", "/x", good},
		{`{"match":"y","status":503}`, "GET", "/x", good},
		{`{"match":"x","method":"HEAD","status":503}`, "GET", "/x", good},
		{`{"match":"x","status":429,"headers":{"X-More":"m"}}`, "GET", "/x", `429m 31/31 {false`},
		{`{"match":"x?q","status":404}`, "GET", "/x?q=1", `404 31/31 {false`},
		{`{"match":"x y","status":404}`, "GET", "/x%20y", `404 31/31 {false`},
		{`{"match":"x","cut":10}`, "GET", "/x", `200"true" 10/100000 atrue`},
		{`{"match":"x","cut":70000}`, "GET", "/x", `200"true" 70000/100000 atrue`},
		{`{"match":"x","cut":10}`, "HEAD", "/x", `200"true" 0/100000 false`},
		{`{"match":"x","wrong":true}`, "GET", "/x", "200\"true\" 100000/100000 `false"},
		{`{"match":"x","redirect":"loop"}`, "GET", "/x?q", `302/x?q 0/0 false`},
		{`{"match":"x","close":true}`, "GET", "/x", `no answer`},
		{`{"match":"x","headers":{"ETag":"\"other\""}}`, "GET", "/x", `200"other" 100000/100000 afalse`},
		{`{"match":"x","delay_ms":1}`, "GET", "/x", good},
		{`[{"match":"y","status":500},{"match":"x","status":501}]`, "GET", "/x", `501 31/31 {false`},
		{"{\"match\":\"y\",\"status\":500}\n{\"match\":\"x\",\"status\":501}\n", "GET", "/x", `501 31/31 {false`},
	} {
		write(t, faults, test.rules)
		if got := ask(test.method, test.path); got != test.want {
			t.Errorf("%s %s with %s: got %s, want %s", test.method, test.path, test.rules, got, test.want)
		}
	}
	want := `GET /x 200 100000
GET /x 200 100000
GET /x 200 100000
GET /x 429 31
GET /x?q=1 404 31
GET /x%20y 404 31
GET /x 200 10
GET /x 200 70000
HEAD /x 200 0
GET /x 200 100000
GET /x?q 302 0
GET /x 0 0
GET /x 200 100000
GET /x 200 100000
GET /x 501 31
GET /x 501 31
`
	if got, _ := os.ReadFile(log); string(got) != want {
		t.Errorf("log:\n%s", got)
	}
}

func TestTimesStartAgainWhenTheFileChanges(t *testing.T) {
	ask, faults, _ := double(t)
	statuses := func() (got string) {
		for range 4 {
			got += ask("GET", "/")[:3] + " "
		}
		return got
	}
	rule := `{"match":"","status":503,"times":2}`
	for range 2 {
		write(t, faults, rule)
		if got := statuses(); got != "503 503 200 200 " {
			t.Error(got)
		}
	}
	if err := os.Remove(faults); err != nil {
		t.Fatal(err)
	}
	if got := statuses(); got != "200 200 200 200 " {
		t.Error(got)
	}
}

func TestMistakesInTheFaultsAreLoud(t *testing.T) {
	ask, faults, _ := double(t)
	for _, rules := range []string{`{"macth":"x"}`, `[{"match":"x"}`, `{"redirect":"home"}`, `{"status":20}`} {
		write(t, faults, rules)
		if got := ask("GET", "/"); !strings.HasPrefix(got, "500") {
			t.Errorf("%s: %s", rules, got)
		}
	}
}

// The line is there when the client has the last byte, so nobody has to wait.
func TestLogIsWrittenBeforeTheAnswerEnds(t *testing.T) {
	ask, _, log := double(t)
	for i := range 200 {
		ask("GET", "/")
		got, err := os.ReadFile(log)
		if lines := strings.Count(string(got), "\n"); err != nil || lines != i+1 {
			t.Fatalf("%d lines after %d answers, %v", lines, i+1, err)
		}
	}
}

func TestCertificateIsKept(t *testing.T) {
	folder := t.TempDir()
	made, err := Certificate(folder, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := Certificate(folder, "localhost")
	if err != nil || !made.Leaf.Equal(kept.Leaf) {
		t.Error("another certificate", err)
	}
	if other, err := Certificate(folder, "index"); err != nil || other.Leaf.VerifyHostname("index") != nil {
		t.Error("no certificate for another host", err)
	}
}
