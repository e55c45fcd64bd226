package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyThoseWithTheCredentialsGetIn(t *testing.T) {
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) })
	ask := func(credentials string, user, password string) int {
		request := httptest.NewRequest(http.MethodGet, "/simple/", nil)
		if user != "" {
			request.SetBasicAuth(user, password)
		}
		answer := httptest.NewRecorder()
		private(credentials, inside).ServeHTTP(answer, request)
		if answer.Code == http.StatusUnauthorized && answer.Header().Get("WWW-Authenticate") == "" {
			t.Error("a 401 says how to get in")
		}
		return answer.Code
	}
	for _, row := range []struct {
		credentials, user, password string
		want                        int
	}{
		{"", "", "", 200},
		{"me:pw", "", "", 401},
		{"me:pw", "me", "other", 401},
		{"me:pw", "me", "pw", 200},
		{"me:p:w", "me", "p:w", 200},
	} {
		if got := ask(row.credentials, row.user, row.password); got != row.want {
			t.Errorf("%+v: %d", row, got)
		}
	}
}
