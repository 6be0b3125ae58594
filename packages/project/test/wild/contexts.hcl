target "base" {
  dockerfile = "baseapp.Dockerfile"
  platforms = ["linux/amd64", "linux/arm64"]
}
target "app" {
  contexts = {
    baseapp = "target:base"
    alpine  = "docker-image://alpine:3.20"
    src     = "../path/to/source"
    repo    = "https://github.com/user/proj.git#main"
    layout  = "oci-layout:///tmp/x"
  }
  platforms = ["linux/amd64"]
}
group "default" { targets = ["app"] }
