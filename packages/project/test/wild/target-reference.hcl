target "base" {
  tags = ["app:1"]
  args = { A = "x" }
}
target "derived" {
  tags = [for t in target.base.tags : "${t}-derived"]
  args = { B = "${target.base.args.A}y" }
}
group "default" { targets = ["base", "derived"] }
