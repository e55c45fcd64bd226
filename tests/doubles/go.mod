module doubles

go 1.24
