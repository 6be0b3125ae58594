target "_common" {
  args = { GO_VERSION = "1.22", DEBUG = 0 }
  labels = { "org.opencontainers.image.vendor" = "Example" }
  tags = ["common"]
}
target "_release" {
  args = { DEBUG = false, BUILDKIT_CONTEXT_KEEP_GIT_DIR = 1 }
  platforms = ["linux/amd64", "linux/arm64"]
  cache-from = ["type=gha"]
}
target "default" {
  inherits = ["_common", "_release"]
  args = { GO_VERSION = null, EXTRA = "x" }
  labels = { "org.opencontainers.image.title" = "App" }
  cache-from = ["user/app:cache"]
}
