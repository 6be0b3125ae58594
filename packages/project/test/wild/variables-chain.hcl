variable "A" { default = "a" }
variable "B" { default = "${A}b" }
C = "${B}c"
variable "FLAG" { default = true }
target "default" {
  args = { C = C, FLAG = FLAG ? "on" : "off" }
  tags = FLAG ? ["x:${C}", equal(A, "b") ? "never" : ""] : []
}
