target "default" {
  dockerfile = "webapp.Dockerfile"
  tags       = ["docker.io/username/webapp:latest"]
}
