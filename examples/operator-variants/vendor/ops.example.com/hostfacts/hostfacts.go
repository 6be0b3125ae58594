// Package hostfacts tells what system a program finds itself on.
package hostfacts

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Facts of a system.
type Facts struct {
	// PrettyName as os-release has it.
	PrettyName string
	// Python is what python3 --version says, or "no python3".
	Python string
}

// Read finds the facts of the system under a root folder.
func Read(root string) (Facts, error) {
	file, err := os.Open(filepath.Join(root, "etc/os-release"))
	if err != nil {
		return Facts{}, err
	}
	defer file.Close()
	facts := Facts{Python: "no python3"}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if line := lines.Text(); strings.HasPrefix(line, "PRETTY_NAME=") {
			facts.PrettyName = strings.Trim(strings.TrimPrefix(line, "PRETTY_NAME="), `"`)
		}
	}
	if output, err := exec.Command("python3", "--version").Output(); err == nil {
		facts.Python = strings.TrimSpace(string(output))
	}
	return facts, lines.Err()
}
