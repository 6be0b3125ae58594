group "default" { targets = ["app"] }
target "app" {
  name = "app-${item.tgt}-${replace(item.version, ".", "-")}"
  matrix = {
    item = [
      { tgt = "api", version = "1.0" },
      { tgt = "web", version = "2.1" },
    ]
  }
  args = { VERSION = item.version, ENV = upper(item.tgt) }
  tags = ["example/${item.tgt}:${item.version}${item.tgt == "web" ? "-dev" : ""}"]
  target = item.tgt
}
