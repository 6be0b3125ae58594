target "default" {
  context = "src"
  cache-from = ["type=registry,ref=user/app:cache", "user/app:latest", "", { type = "s3", region = "eu-west-1", bucket = "b" }]
  cache-to = ["type=registry,ref=user/app:cache,mode=max", { type = "inline" }]
  output = ["type=image,name=a,push=true", { type = "registry", name = "b" }]
  ulimits = ["nofile=1024:1024"]
  shm-size = "128m"
  network = "none"
  no-cache-filter = ["stage1", "stage1", "stage2"]
  pull = true
  extra-hosts = { my_hostname = "8.8.8.8" }
  annotations = ["org.opencontainers.image.authors=x", "index,manifest:a=b"]
  entitlements = ["security.insecure"]
  target = "final"
  description = "All of it"
}
