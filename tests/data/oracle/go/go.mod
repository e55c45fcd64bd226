module modelcache-oracle

go 1.26.8

require (
	github.com/distribution/reference v0.6.0
	github.com/docker/go-units v0.5.0
	github.com/moby/patternmatcher v0.6.1
	github.com/moby/sys/user v0.4.1
)

require (
	github.com/opencontainers/go-digest v1.0.0 // indirect
	golang.org/x/sys v0.1.0 // indirect
)
