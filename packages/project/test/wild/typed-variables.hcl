variable "PORTS" {
  type = list(number)
  default = ["80", 443]
}
variable "LABELS" {
  type = map(string)
  default = { n = 1 }
}
variable "OBJ" {
  type = object({ name = string, port = optional(number) })
  default = { name = "x" }
}
variable "NUM" {
  type = number
  default = "5"
  validation {
    condition = NUM > 1
    error_message = "too small"
  }
}
variable "NONE" {}
variable "NULL" { default = null }
target "default" {
  args = {
    ports = jsonencode(PORTS), labels = jsonencode(LABELS), obj = jsonencode(OBJ), num = NUM + 1
    none = NONE == "" ? "empty" : "set", nul = NULL == null ? "null" : "set"
  }
}
