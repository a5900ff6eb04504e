/* SPDX-License-Identifier: MIT */
/*
 * floor.c - make trees as cheaply as the system can: what bench.py compares with
 *
 * floor MODEL ENV_DIR... or floor MODEL @LIST: each ENV_DIR becomes what MODEL says, with no call
 * but those that make it.  MODEL has one entry after the other: a line of a letter, a mode, a
 * number and a path, behind which so many bytes follow: of a file (f) what it holds, of a
 * symbolic link (l) where it leads, of a hard link (h) the file that it is one of; of a
 * directory (d) nothing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
	char kind;
	unsigned mode;
	const char *path;
	char *data;
	size_t len;
};

static struct entry *entries;
static size_t n_entries;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static char *read_all(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st))
		fail(path);
	text = malloc((size_t)st.st_size + 1);
	for (*len = 0; text && *len < (size_t)st.st_size;) {
		ssize_t n = read(fd, text + *len, (size_t)st.st_size - *len);

		if (n <= 0)
			fail(path);
		*len += (size_t)n;
	}
	if (!text)
		fail(path);
	text[*len] = '\0';
	close(fd);
	return text;
}

static void parse(char *text, size_t len)
{
	char *end = text + len;

	while (text < end) {
		struct entry *e;
		char *number, *path;

		if (!(n_entries & (n_entries + 1)))
			entries = realloc(entries,
					  (2 * n_entries + 2) * sizeof(*entries));
		if (!entries)
			fail("memory");
		e = &entries[n_entries++];
		e->kind = *text;
		e->mode = (unsigned)strtoul(text + 2, &number, 8);
		e->len = strtoul(number, &path, 10);
		e->path = path + 1;
		text = strchr(path, '\n');
		*text = '\0';
		e->data = text + 1;
		text = e->data + e->len;
		/* What stands behind a link's data is a line end, which ends it. */
		if (e->kind == 'l' || e->kind == 'h')
			*text++ = '\0';
	}
}

static int make_file(int top, const struct entry *e)
{
	int fd = openat(top, e->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, e->mode);

	if (fd < 0 || write(fd, e->data, e->len) != (ssize_t)e->len)
		return -1;
	return close(fd);
}

static void make(const char *dir)
{
	int top, r = mkdir(dir, 0777);

	top = r ? -1 : open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		fail(dir);
	for (const struct entry *e = entries; e < entries + n_entries; e++) {
		if (e->kind == 'd')
			r = mkdirat(top, e->path, 0777);
		else if (e->kind == 'l')
			r = symlinkat(e->data, top, e->path);
		else if (e->kind == 'h')
			r = linkat(AT_FDCWD, e->data, top, e->path, 0);
		else
			r = make_file(top, e);
		if (r)
			fail(e->path);
	}
	close(top);
}

int main(int argc, char **argv)
{
	size_t len;
	char *text;

	if (argc < 3)
		return 2;
	text = read_all(argv[1], &len);
	parse(text, len);
	if (*argv[2] != '@') {
		for (int i = 2; i < argc; i++)
			make(argv[i]);
		return 0;
	}
	text = read_all(argv[2] + 1, &len);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		make(line);
	return 0;
}
