// Command measure runs a program and says on standard error what it cost:
//
//	measured cpu_us=14210 peak_kib=7168 floor_kib=2048
//
// It is the entrypoint of a frontend's image in the benchmarks: whatever starts
// the image talks to the program as if measure were not there.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: measure PROGRAM ARGUMENT...")
		os.Exit(2)
	}
	os.Exit(run(exec.Command(os.Args[1], os.Args[2:]...)))
}

// run returns the exit code that the program would have had on its own.
func run(program *exec.Cmd) int {
	floor := peak()
	// Files, not pipes of ours: the program holds the very ends that we were given.
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := program.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "measure:", err)
		return 127
	}
	report(program.ProcessState, floor)
	return program.ProcessState.ExitCode()
}

// report prints user and system time, and the most memory that was resident at once.
// Linux counts what its parent held when a process was made to that process's own
// peak: a peak is the program's if it is above this floor.
func report(state *os.ProcessState, floor int) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return
	}
	cpu := state.UserTime() + state.SystemTime()
	fmt.Fprintf(os.Stderr, "measured cpu_us=%d peak_kib=%d floor_kib=%d\n", cpu.Microseconds(), usage.Maxrss, floor)
}

// peak returns the most KiB that we have held ourselves. It is not what getrusage
// says: that counts what runc held before it became us.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return kib
}
