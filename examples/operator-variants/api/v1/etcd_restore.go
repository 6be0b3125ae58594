// Package v1 has the resources that the operator watches.
package v1

import "errors"

// EtcdRestore asks for one cluster to be restored from one snapshot.
type EtcdRestore struct {
	Name     string
	Cluster  string
	Snapshot string
}

// Validate says what is missing.
func (r EtcdRestore) Validate() error {
	switch {
	case r.Cluster == "":
		return errors.New("cluster is missing in " + r.Name)
	case r.Snapshot == "":
		return errors.New("snapshot is missing in " + r.Name)
	}
	return nil
}
