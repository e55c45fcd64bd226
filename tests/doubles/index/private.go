package main

import (
	"net/http"

	"doubles/internal/serve"
)

// private lets only those in who bring these credentials (`USER:PASSWORD`); an
// empty text lets everybody in.
func private(credentials string, next http.Handler) http.Handler {
	if credentials == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		if !ok || user+":"+password != credentials {
			w.Header().Set("WWW-Authenticate", `Basic realm="packages"`)
			serve.Text(w, http.StatusUnauthorized, "who are you?\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}
