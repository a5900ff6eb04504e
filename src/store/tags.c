/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "tags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

bool wheel_name_parse(struct wheel_name *w, const char *file)
{
	const char *start[6], *p = file;
	size_t len = strlen(file), n = 0, size[6];

	if (len < 4 || strcmp(file + len - 4, ".whl") != 0)
		return false;
	for (const char *end = file + len - 4; p <= end; p += size[n++] + 1) {
		const char *dash = memchr(p, '-', (size_t)(end - p));

		if (n == 6)
			return false;
		start[n] = p;
		size[n] = (size_t)((dash ? dash : end) - p);
		if (!size[n])
			return false;
	}
	if (n < 5)
		return false;
	*w = (struct wheel_name){
		.project = start[0],
		.project_len = size[0],
		.version = start[1],
		.version_len = size[1],
		/* A build tag may stand between. */
		.python = start[n - 3],
		.python_len = size[n - 3],
		.abi = start[n - 2],
		.abi_len = size[n - 2],
		.platform = start[n - 1],
		.platform_len = size[n - 1],
	};
	return true;
}

/* The next of the tags in a set "py2.py3", into BUF; false at its end. */
static bool next_tag(const char **set, size_t *left, char buf[64])
{
	size_t n;

	if (!*left)
		return false;
	for (n = 0; n < *left && (*set)[n] != '.'; n++)
		;
	snprintf(buf, 64, "%.*s", (int)n, *set);
	n += n < *left;
	*set += n;
	*left -= n;
	return true;
}

/* The minor version of "cp312" for the prefix "cp" and major 3; -1: another tag. */
static int minor_of(const char *tag, const char *prefix, unsigned major)
{
	size_t n = strlen(prefix);
	char *end;
	long minor;

	if (strncmp(tag, prefix, n) != 0 || tag[n] != (char)('0' + major))
		return -1;
	if (!tag[n + 1])
		return 0;
	minor = strtol(tag + n + 1, &end, 10);
	return *end || minor < 0 || minor > 99 ? -1 : (int)minor;
}

static bool abi_is_own(const char *abi, const struct tag_target *t)
{
	char own[32];

	if (!strcmp(t->implementation, "pypy")) {
		/* Behind it stands PyPy's own version, of which one X.Y has one. */
		snprintf(own, sizeof(own), "pypy%u%u_", t->major, t->minor);
		return !strncmp(abi, own, strlen(own));
	}
	/* Until 3.7 the allocator was part of it. */
	snprintf(own, sizeof(own), "cp%u%u%s", t->major, t->minor,
		 t->free_threaded		 ? "t"
		 : t->major == 3 && t->minor < 8 ? "m"
						 : "");
	return !strcmp(abi, own);
}

/* One pair of Python and ABI tag. */
static unsigned fit_python(const char *python, const char *abi,
			   const struct tag_target *t)
{
	bool cpython = !strcmp(t->implementation, "cpython");
	const char *prefix = cpython ? "cp" : "pp";
	int own = minor_of(python, prefix, t->major),
	    generic = minor_of(python, "py", t->major);
	unsigned minor = t->minor;

	if (own == (int)minor && abi_is_own(abi, t))
		return 4000;
	if (cpython && !t->free_threaded && !strcmp(abi, "abi3") && own >= 2 &&
	    own <= (int)minor)
		return 3000 + (unsigned)own;
	if (strcmp(abi, "none") != 0)
		return 0;
	if (own == (int)minor)
		return 2000;
	return generic >= 0 && generic <= (int)minor ? 1000 + (unsigned)generic : 0;
}

static const char *machine(const struct tag_target *t, char buf[64])
{
	struct utsname u;

	if (uname(&u))
		return "";
	snprintf(buf, 64, "%.63s", u.machine);
	/* A 32-bit Python on a 64-bit kernel. */
	if (!t->is_64bit && !strcmp(buf, "x86_64"))
		return "i686";
	if (!t->is_64bit && !strcmp(buf, "aarch64"))
		return "armv7l";
	return buf;
}

/* What the C library of this machine is, as far as it runs us. */
static bool libc_has(const char *family, unsigned major, unsigned minor)
{
#ifdef __GLIBC__
	unsigned x, y;

	return !strcmp(family, "manylinux") &&
	       sscanf(gnu_get_libc_version(), "%u.%u", &x, &y) == 2 && x == major &&
	       y >= minor;
#else
	/* musl does not tell its version at run time; 1.2 is from 2020. */
	return !strcmp(family, "musllinux") && major == 1 && minor <= 2;
#endif
}

static unsigned fit_platform(const char *platform, const struct tag_target *t)
{
	static const struct {
		const char *name;
		unsigned major, minor;
	} old[] = { { "manylinux1_", 2, 5 },
		    { "manylinux2010_", 2, 12 },
		    { "manylinux2014_", 2, 17 } };
	char buf[64], family[16];
	const char *cpu = machine(t, buf);
	unsigned major, minor;
	int n = 0;

	if (!strcmp(platform, "any"))
		return 1;
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		size_t len = strlen(old[i].name);

		if (!strncmp(platform, old[i].name, len))
			return libc_has("manylinux", old[i].major, old[i].minor) &&
					       !strcmp(platform + len, cpu)
				       ? 100 + old[i].minor
				       : 0;
	}
	if (sscanf(platform, "%9[a-z]_%u_%u_%n", family, &major, &minor, &n) == 3 && n)
		return libc_has(family, major, minor) && !strcmp(platform + n, cpu)
			       ? 100 + (minor < 400 ? minor : 400)
			       : 0;
	return !strncmp(platform, "linux_", 6) && !strcmp(platform + 6, cpu) ? 600 : 0;
}

static unsigned best_platform(const struct wheel_name *w, const struct tag_target *t)
{
	const char *set = w->platform;
	size_t left = w->platform_len;
	unsigned best = 0, fit;
	char tag[64];

	while (next_tag(&set, &left, tag)) {
		fit = fit_platform(tag, t);
		best = fit > best ? fit : best;
	}
	return best;
}

static unsigned best_python(const struct wheel_name *w, const struct tag_target *t)
{
	const char *pythons = w->python;
	size_t left = w->python_len;
	unsigned best = 0, fit;
	char python[64], abi[64];

	while (next_tag(&pythons, &left, python)) {
		const char *abis = w->abi;
		size_t more = w->abi_len;

		while (next_tag(&abis, &more, abi)) {
			fit = fit_python(python, abi, t);
			best = fit > best ? fit : best;
		}
	}
	return best;
}

unsigned tags_fit(const struct wheel_name *w, const struct tag_target *t)
{
	unsigned platform = best_platform(w, t), python = best_python(w, t);

	return platform && python ? python * 1000 + platform : 0;
}
