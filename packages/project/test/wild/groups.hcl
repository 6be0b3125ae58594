group "default" { targets = ["backend", "frontend", "docs"] }
group "backend" {
  targets = ["api", "worker"]
  description = "Services"
}
target "api" { dockerfile = "api.Dockerfile" }
target "worker" { inherits = ["api"] }
target "frontend" {}
target "docs" { no-cache = true }
