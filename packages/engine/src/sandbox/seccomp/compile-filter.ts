import { type Libseccomp, loadLibseccomp } from './libseccomp.ts';
import type { SeccompFilter, SeccompRule } from './seccomp-filter.ts';

/** `SCMP_ACT_ALLOW`, `SCMP_ACT_ERRNO(0)` */
const actions = { SCMP_ACT_ALLOW: 0x7fff_0000, SCMP_ACT_ERRNO: 0x0005_0000 } as const;
/** `SCMP_FLTATR_CTL_OPTIMIZE`: 2 makes a tree of the calls, libseccomp 2.5; older ones keep a list. */
const optimize = { attribute: 8, value: 2 };
const alreadyThere = -17;

/**
 * The filter as a program for the kernel, as runtimes make it for each container: some 15 ms, which this way are
 * spent once.
 * @returns undefined where libseccomp is not installed, or too old for the filter
 */
export async function compileFilter(filter: SeccompFilter): Promise<Buffer | undefined> {
  const library = await loadLibseccomp();
  if (library === undefined) return undefined;
  const context = library.init(actions[filter.defaultAction] | filter.defaultErrnoRet);
  if (context === 0) return undefined;
  try {
    library.setAttribute(context, optimize.attribute, optimize.value);
    for (const name of filter.architectures) {
      const token = library.archToken(name.replace('SCMP_ARCH_', '').toLowerCase());
      const result = token === 0 ? -1 : library.addArch(context, token);
      if (result !== 0 && result !== alreadyThere) return undefined;
    }
    return filter.syscalls.every((rule) => addRule(library, context, rule))
      ? library.program(context)
      : undefined;
  } finally {
    library.release(context);
  }
}

function addRule(library: Libseccomp, context: number, rule: SeccompRule): boolean {
  const action = actions[rule.action] | (rule.errnoRet ?? 0);
  return rule.names.every((name) => {
    const call = library.callNumber(name);
    // What it does not know gets the default, as with the runtimes.
    return (
      call === unknownCall || library.addRule(context, { action, call, condition: rule.args?.[0] }) === 0
    );
  });
}

const unknownCall = -1;
