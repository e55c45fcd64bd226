module modelcache/benches/measure

go 1.25
