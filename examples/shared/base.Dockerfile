# A base image out of nothing but Debian packages: the archives are what mmdebstrap made.
FROM scratch
ARG ROOT
ARG TARGETARCH
ADD ${ROOT}-${TARGETARCH}.tar /
CMD ["/bin/sh"]
