module doubles

go 1.25
