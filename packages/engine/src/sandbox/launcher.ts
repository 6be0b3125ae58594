/**
 * One thing the launcher does in its own mount namespace, before it becomes the runtime in the folder `run`. Paths are relative to the
 * bundle, or absolute.
 */
export type LauncherStep =
  /** Enters a control group by its cgroup.procs file. */
  | { readonly do: 'join'; readonly file: string }
  /** Keeps a mount from being written through this namespace. */
  | { readonly do: 'freeze'; readonly mountPoint: string }
  | { readonly do: 'tmpfs'; readonly options: string; readonly at: string }
  | { readonly do: 'overlay'; readonly options: string; readonly at: string }
  /** A file with the next `size` bytes of standard input. */
  | {
      readonly do: 'file';
      readonly size: number;
      readonly at: string;
      readonly owner: string;
      readonly mode: string;
    };

/**
 * The whole program: nothing is put into this text, all comes as arguments. Its own complaints go to the file
 * `launcher.log`, standard error for the command is descriptor 3; `started` says that the runtime took over. dd with `fullblock` takes exactly its bytes.
 * The first `echo` fails where nobody reads: who started this was killed before setpriv(1) had tied its life to theirs.
 */
const script = `
set -eu
echo >&2
cd "$1"
shift
exec 9>&3 3>&- 2>>launcher.log
while :; do
  case $1 in
    join) echo 0 >"$2"; shift 2 ;;
    freeze) mount -o remount,bind,ro "$2"; shift 2 ;;
    tmpfs) mount -t tmpfs -o "$2" tmpfs "$3"; shift 3 ;;
    overlay) mount -t overlay -o "$2" overlay "$3"; shift 3 ;;
    file)
      if [ "$2" = 0 ]; then : >"$3"; else dd bs="$2" count=1 iflag=fullblock of="$3" 2>dd.log; fi
      chown "$4" "$3"
      chmod "$5" "$3"
      shift 5 ;;
    exec) shift; : >started; cd run; exec "$@" </dev/null 2>&9 9>&- ;;
  esac
done
`;

/** Arguments for /bin/sh: in the folder `bundle`, do `steps`, then become `command`. */
export function launcherArguments(
  bundle: string,
  steps: readonly LauncherStep[],
  command: readonly string[],
): readonly string[] {
  const words = steps.flatMap((step): readonly string[] => {
    if (step.do === 'join') return ['join', step.file];
    if (step.do === 'freeze') return ['freeze', step.mountPoint];
    if (step.do === 'file') return ['file', String(step.size), step.at, step.owner, step.mode];
    return [step.do, step.options, step.at];
  });
  return ['-c', script, 'onebuild-launcher', bundle, ...words, 'exec', ...command];
}
