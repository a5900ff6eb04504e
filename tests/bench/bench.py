# SPDX-License-Identifier: MIT
"""bench.py - venvctl, python -m venv, virtualenv and uv, side by side in one run

Whole processes, by the clock of the operating system.  The tools take turns, so
that a machine whose speed drifts is the same for all; every environment gets a
directory of its own and nothing is deleted before the end, because ext4 makes
files slowly right after a mass deletion.  No figure here is a pass or a fail.

    bench.py [--runs N] [--slow-runs N] [--dir DIR] [--python PATH]
"""

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FLOOR = r"""
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	static const char *const dirs[] = { "", "/bin", "/include", "/include/p", "/lib", "/lib/p",
					    "/lib/p/site-packages" };
	static const char *const files[] = { "/pyvenv.cfg", "/.gitignore", "/bin/activate",
					     "/bin/activate.csh", "/bin/activate.fish",
					     "/bin/Activate.ps1" };
	char p[4096], text[2048] = "x";
	(void)argc;
	for (unsigned i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		mkdir(strcat(strcpy(p, argv[1]), dirs[i]), 0777);
	symlink("lib", strcat(strcpy(p, argv[1]), "/lib64"));
	symlink("/usr/bin/python3", strcat(strcpy(p, argv[1]), "/bin/python3"));
	symlink("python3", strcat(strcpy(p, argv[1]), "/bin/python"));
	symlink("python3", strcat(strcpy(p, argv[1]), "/bin/python3.X"));
	for (unsigned i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int fd = open(strcat(strcpy(p, argv[1]), files[i]), O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (write(fd, text, sizeof(text)) < 0)
			return 1;
		close(fd);
	}
	return 0;
}
"""


def clean_env(home):
    drop = ("PYTHON", "PIP_", "VIRTUAL_ENV", "VENVCTL_", "XDG_", "UV_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    env.update(HOME=home, PATH="/usr/local/bin:/usr/bin:/bin", LANG="C.UTF-8")
    return env


class Tool:
    def __init__(self, name, argv, slow=False):
        self.name, self.argv, self.slow, self.times, self.error = name, argv, slow, [], None

    def run(self, env_dir, env):
        begin = time.perf_counter()
        p = subprocess.run(self.argv + [env_dir], env=env, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, check=False)
        took = (time.perf_counter() - begin) * 1000
        if p.returncode:
            self.error = p.stdout.decode("utf-8", "replace").strip().splitlines()[-1:]
        return took


def build_floor(scratch):
    source, program = os.path.join(scratch, "floor.c"), os.path.join(scratch, "floor")
    with open(source, "w", encoding="ascii") as f:
        f.write(FLOOR)
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-O2", "-w", source, "-o", program], check=True)
    return program


def install_peers(scratch, python, env):
    """virtualenv and uv from the package index, into a scratch place; None if not reachable."""
    place = os.path.join(scratch, "peers")
    more = {k: v for k, v in os.environ.items() if k in ("PIP_CERT", "PIP_INDEX_URL", "PIP_FIND_LINKS")}
    subprocess.run([python, "-m", "venv", place], env=env, check=True)
    for name in ("virtualenv", "uv"):
        p = subprocess.run([os.path.join(place, "bin", "pip"), "install", "-q", name],
                           env=dict(env, **more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if p.returncode:
            print("skipped: %s (cannot be installed: %s)"
                  % (name, p.stdout.decode("utf-8", "replace").strip().splitlines()[-1:]))
            yield name, None
        else:
            yield name, os.path.join(place, "bin", name)


def measure(title, tools, args, scratch, env):
    for tool in tools:
        tool.run(tempfile.mkdtemp(dir=scratch) + "/env", env)  # warm up
    for n in range(args.runs):
        for tool in tools:
            if not tool.slow or n < args.slow_runs:
                tool.times.append(tool.run(tempfile.mkdtemp(dir=scratch) + "/env", env))
    base = next(t for t in tools if t.name.startswith("venvctl"))
    print("\n%s, milliseconds" % title)
    print("%-34s %9s %9s %5s  %s" % ("", "median", "minimum", "runs", "median / venvctl's"))
    for tool in tools:
        if tool.error is not None:
            print("%-34s failed: %s" % (tool.name, " ".join(tool.error)))
            continue
        median = statistics.median(tool.times)
        print("%-34s %9.2f %9.2f %5d  %.2f" % (tool.name, median, min(tool.times), len(tool.times),
                                               median / statistics.median(base.times)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--slow-runs", type=int, default=3)
    parser.add_argument("--dir", default=None, help="where to create (its file system matters)")
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--venvctl", default=os.path.join(os.environ.get("TEST_PREFIX", ""), "bin/venvctl"))
    args = parser.parse_args()
    scratch = tempfile.mkdtemp(prefix="venvctl-bench-", dir=args.dir)
    env = clean_env(scratch)
    python = os.path.realpath(args.python) if "pyenv" in args.python else args.python

    peers = dict(install_peers(scratch, python, env))
    fstype = subprocess.run(["df", "--output=fstype", scratch], stdout=subprocess.PIPE,
                            universal_newlines=True, check=False).stdout.split()[-1:]
    print("python %s, file system %s, %d processors" % (python, " ".join(fstype), os.cpu_count()))
    create = [args.venvctl, "create", "-p", python]
    bare = [Tool("floor (a C program, same files)", [build_floor(scratch)]),
            Tool("venvctl create --without-pip", create + ["--without-pip"]),
            Tool("python -m venv --without-pip", [python, "-m", "venv", "--without-pip"])]
    seeded = [Tool("venvctl create", create),
              Tool("python -m venv", [python, "-m", "venv"], slow=True)]
    if peers.get("virtualenv"):
        bare.append(Tool("virtualenv --no-seed", [peers["virtualenv"], "-q", "-p", python, "--no-seed"]))
        seeded.append(Tool("virtualenv", [peers["virtualenv"], "-q", "-p", python]))
    if peers.get("uv"):
        bare.append(Tool("uv venv", [peers["uv"], "venv", "-q", "-p", python]))
        # Filled from the index once; offline afterwards, without byte code.
        index = {k: os.environ[k] for k in ("SSL_CERT_FILE",) if k in os.environ}
        subprocess.run([peers["uv"], "venv", "-q", "--seed", "-p", python, os.path.join(scratch, "uv-first")],
                       env=dict(env, **index), check=False)
        seeded.append(Tool("uv venv --seed --offline", [peers["uv"], "venv", "-q", "--seed", "--offline", "-p", python]))
    measure("bare", bare, args, scratch, env)
    measure("with pip", seeded, args, scratch, env)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    if sys.version_info < (3, 6):
        sys.exit("bench.py needs Python 3.6")
    main()
