// The manager of an operator that restores etcd clusters: it reads what shall be restored and runs Ansible for it.
package main

import (
	"flag"
	"fmt"
	"os"

	v1 "ops.example.com/etcd-restore/api/v1"
	"ops.example.com/etcd-restore/controllers"
	"ops.example.com/etcd-restore/pkg/playbook"
	"ops.example.com/hostfacts"
)

func main() {
	home := flag.String("home", os.Getenv("OPERATOR_HOME"), "folder of inventory, roles and playbooks")
	flag.Parse()
	if *home == "" {
		*home = "/"
	}
	facts, err := hostfacts.Read("/")
	if err != nil {
		fail(err)
	}
	fmt.Printf("manager: on %s, %s\n", facts.PrettyName, facts.Python)

	runner, err := playbook.Open(*home)
	if err != nil {
		fail(err)
	}
	restore := v1.EtcdRestore{Name: "example", Cluster: "etcd-main", Snapshot: "s3://backups/etcd-main/latest"}
	controller := controllers.EtcdRestoreController{Runner: runner}
	plan, err := controller.Reconcile(restore)
	if err != nil {
		fail(err)
	}
	for _, step := range plan {
		fmt.Println("manager: would run", step)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "manager:", err)
	os.Exit(1)
}
