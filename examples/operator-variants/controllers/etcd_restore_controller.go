// Package controllers brings clusters to the state that resources ask for.
package controllers

import (
	v1 "ops.example.com/etcd-restore/api/v1"
	"ops.example.com/etcd-restore/pkg/playbook"
)

// EtcdRestoreController restores clusters with playbooks.
type EtcdRestoreController struct {
	Runner playbook.Runner
}

// Reconcile gives the commands that restore the cluster and look whether it is healthy then.
func (c EtcdRestoreController) Reconcile(restore v1.EtcdRestore) ([]string, error) {
	if err := restore.Validate(); err != nil {
		return nil, err
	}
	var plan []string
	for _, name := range []string{"restore", "verify"} {
		command, err := c.Runner.Command(name, map[string]string{"cluster": restore.Cluster, "snapshot": restore.Snapshot})
		if err != nil {
			return nil, err
		}
		plan = append(plan, command)
	}
	return plan, nil
}
