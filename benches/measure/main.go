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
	// Files, not pipes of ours: the program holds the very ends that we were given.
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := program.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "measure:", err)
		return 127
	}
	report(program.ProcessState)
	return program.ProcessState.ExitCode()
}

// report prints user and system time, and the most memory that was resident at once.
func report(state *os.ProcessState) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return
	}
	// Linux counts what the parent held when the child was made to the child's own
	// peak: a peak is the program's if it is above this floor.
	var own syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &own) != nil {
		return
	}
	cpu := state.UserTime() + state.SystemTime()
	fmt.Fprintf(os.Stderr, "measured cpu_us=%d peak_kib=%d floor_kib=%d\n", cpu.Microseconds(), usage.Maxrss, own.Maxrss)
}
