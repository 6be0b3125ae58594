/**
 * System calls that steps are refused with EPERM, as in containers of Docker, by what they would reach. Whatever is
 * neither here nor allowed is answered with ENOSYS: programs take that for an older kernel, and do without the call.
 */
export const blockedCalls: Readonly<Record<string, string>> = {
  'mounts and namespaces': `
    fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_by_handle_at open_tree open_tree_attr pivot_root
    setns umount umount2 unshare`,
  'the kernel itself': `
    bpf create_module delete_module finit_module get_kernel_syms init_module io_uring_enter io_uring_register
    io_uring_setup kexec_file_load kexec_load lookup_dcookie lsm_get_self_attr lsm_list_modules lsm_set_self_attr
    nfsservctl perf_event_open query_module syslog userfaultfd uselib`,
  'the machine': `
    _sysctl acct clock_settime clock_settime64 fanotify_init ioperm iopl quotactl quotactl_fd reboot setdomainname
    sethostname settimeofday stime swapoff swapon sysfs ustat vhangup vm86 vm86old`,
  'keys that no namespace keeps apart': 'add_key keyctl request_key',
  'other processes, memory of several nodes': `
    get_mempolicy kcmp mbind migrate_pages move_pages pidfd_getfd process_madvise set_mempolicy set_mempolicy_home_node`,
};
