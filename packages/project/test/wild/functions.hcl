variable "TAG" { default = "v1.2.3-rc.1" }
variable "REGISTRY" { default = "" }
function "tag" {
  params = [name]
  variadic_params = parts
  result = "${notequal("", REGISTRY) ? "${REGISTRY}/" : ""}${name}:${join("-", parts)}"
}
function "increment" {
  params = [number]
  result = number + 1
}
target "default" {
  tags = [tag("app", "a", "b"), tag("app", TAG)]
  args = {
    upper = upper("abc"), title = title("hello world"), join = join("+", ["a", "b"]), n = increment(41)
    major = regex("^v(\\d+)", TAG)[0]
    parts = jsonencode(regexall("\\d+", TAG))
    clean = regex_replace(TAG, "[^a-z0-9]+", "_")
    contains = contains(["a", "b"], "b"), len = length([1, 2, 3]), keys = join(",", keys({ b = 1, a = 2 }))
    fmt = format("%s-%03d-%v", "x", 7, true), list = join(" ", formatlist("--%s=%d", ["a", "b"], [1, 2]))
    sha = substr(sha256("x"), 0, 12), md5 = md5("x"), b64 = base64encode("hello"), back = base64decode("aGVsbG8=")
    json = jsonencode({ z = [1, 2.5], a = null }), dec = jsondecode("{\"a\":[1,{\"b\":\"deep\"}]}").a[1].b
    merged = jsonencode(merge({ a = 1 }, { a = 2, b = 3 })), look = lookup({ a = "x" }, "q", "dflt")
    minmax = "${min(3, 1, 2)}-${max(3, 1, 2)}", add = add(1, 2), sub = subtract(5, 3), mul = multiply(2, 3)
    div = divide(7, 2), mod = modulo(7, 3), co = coalesce(null, "second"), range = jsonencode(range(3))
    rev = reverse("abc"), sorted = join(",", sort(["b", "a"])), dist = join(",", distinct(["a", "b", "a"]))
    flat = join(",", flatten([["a"], ["b", ["c"]]])), trim = trim("--x--", "-"), ts = trimspace("  x ")
    tp = trimprefix("v1", "v"), tsf = trimsuffix("a.txt", ".txt"), len2 = strlen("héllo"), url = urlencode("a b&c=d")
    split = split(":", "a:b:c")[1], slice = join(",", slice(["a", "b", "c"], 1, 3)), elem = element(["a", "b"], 3)
    base = basename("/x/y.txt"), dir = dirname("/x/y.txt"), idx = index(["q"], 0), cmp = greaterthan(2, 1)
    chunk = jsonencode(chunklist(["a", "b", "c"], 2)), prod = jsonencode(setproduct(["a"], ["x", "y"]))
    can = can({ a = 1 }.b), try = try({ a = 1 }.b, "fallback"), san = sanitize("a.b/c d"), zip = jsonencode(zipmap(["a"], [1]))
    compact = join(",", compact(["a", "", "b"])), pi = parseint("ff", 16), date = formatdate("YYYYMMDD", "2024-05-06T07:08:09Z")
    add2 = timeadd("2024-05-06T07:08:09Z", "1h30m"), q = format("%q", "a\"b"), vals = jsonencode(values({ b = 1, a = 2 }))
    hx = format("%x", 255), fl = format("%.2f", 1), floor = floor(1.7), ceil = ceil(1.2), neg = negate(3), abs = absolute(-4)
  }
}
