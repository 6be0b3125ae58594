// what CI fills in
target "docker-metadata-action" {
  tags = ["app:edge"]
}
variable "DOCKERFILE" { default = "Dockerfile" }
/* all the
   platforms */
target "image" {
  inherits = ["docker-metadata-action"]
  dockerfile = DOCKERFILE
}
target "image-local" {
  inherits = ["image"]
  output = ["type=docker"]
}
group "default" { targets = ["image-local"] }
