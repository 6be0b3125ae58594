// Package playbook makes command lines for Ansible.
package playbook

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Runner knows the folder with the inventory, the roles and the playbooks.
type Runner struct {
	home string
}

// Open checks that the folder has what playbooks need.
func Open(home string) (Runner, error) {
	for _, name := range []string{"inventory/hosts", "roles"} {
		if _, err := os.Stat(filepath.Join(home, name)); err != nil {
			return Runner{}, err
		}
	}
	return Runner{home}, nil
}

// Command is the line that runs a playbook with these variables.
func (r Runner) Command(name string, variables map[string]string) (string, error) {
	file := filepath.Join(r.home, name+".yml")
	if _, err := os.Stat(file); err != nil {
		return "", err
	}
	var pairs []string
	for key, value := range variables {
		pairs = append(pairs, fmt.Sprintf("-e %s=%s", key, value))
	}
	sort.Strings(pairs)
	inventory := filepath.Join(r.home, "inventory/hosts")
	return fmt.Sprintf("ansible-playbook -i %s %s %s", inventory, strings.Join(pairs, " "), file), nil
}
