variable "LIST" { default = ["x", "y", "z"] }
variable "OBJ" { default = { b = { c = ["deep"] }, a = 1 } }
global = "g-${LIST[0]}"
target "default" {
  args = {
    arith = (1 + 2) * 3 - 4 / 2 % 3, cmp = 1 < 2 && !(2 >= 3) || false, neg = -5 + 3
    idx = LIST[1], attr = OBJ.b.c[0], str = OBJ["a"], legacy = LIST.2, glob = global
    splat = join(",", [{ n = "p" }, { n = "q" }][*].n), attrsplat = join(",", [{ n = "p" }].*.n)
    forlist = join(",", [for i, v in LIST : "${i}${v}" if v != "y"])
    forobj = jsonencode({ for k, v in { a = 1, b = 2 } : upper(k) => v * 10 })
    group = jsonencode({ for v in ["aa", "b", "ab"] : substr(v, 0, 1) => v... })
    tern = length(LIST) > 2 ? "many" : "few", spread = max([1, 5, 3]...)
    eq = "1" == 1, float = 1.50, big = 1e3, multi = [
      "a",
      "b"
    ][1]
  }
}
