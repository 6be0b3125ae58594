module ops.example.com/etcd-restore

go 1.19

require ops.example.com/hostfacts v0.1.0
