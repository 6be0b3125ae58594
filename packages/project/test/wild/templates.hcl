variable "names" { default = "a,b,c" }
target "default" {
  args = {
    loop = "%{ for n in split(",", names) }[${n}]%{ endfor }"
    cond = "%{ if names == "a,b,c" }yes%{ else }no%{ endif }"
    plain = "$${NOT} %%{ x } $5 100%"
    trimmed = "a  ${~ "b" ~}  c"
  }
  dockerfile-inline = <<-EOT
    FROM alpine
    RUN echo ${upper("hi")} \
      && echo $${HOME}

    %{ for i in range(2) ~}
    LABEL l${i}="${i}"
    %{ endfor ~}
  EOT
  labels = {
    doc = <<EOT
  two
    lines "quoted" \n
EOT
  }
}
