# A base image out of nothing but Debian packages: rootfs.tar is what mmdebstrap made.
FROM scratch
ADD rootfs.tar /
CMD ["/bin/sh"]
