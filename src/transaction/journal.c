/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "target.h"

#define HEAD	    "venvctl-journal 1\n"
#define JOURNAL_MAX (256u * 1024u * 1024u)

static const char *const ways[] = { "new", "exchange", "renames", "merge" };
static const char *const kinds[] = { "add", "swap", "remove", "kept" };

const char *way_name(enum way way)
{
	static const char *const names[] = { "rename", "exchange", "two renames",
					     "entry by entry" };

	return names[way];
}

void journal_init(struct journal *j, enum way way, const struct stat *root)
{
	*j = (struct journal){ .way = way,
			       .dev = (uint64_t)root->st_dev,
			       .ino = (uint64_t)root->st_ino };
	j->tail = &j->changes;
}

struct change *journal_add(struct journal *j, struct arena *a, enum change_kind kind,
			   const char *path, struct venv_error *err)
{
	struct change *c = arena_alloc(a, sizeof(*c));

	if (!c || !path) {
		error_nomem(err);
		return NULL;
	}
	c->kind = kind;
	c->path = path;
	if (kind == CHANGE_SWAP || kind == CHANGE_REMOVE)
		c->number = j->numbers++;
	*j->tail = c;
	j->tail = &c->next;
	return c;
}

/* One line holds any path: everything but plain characters as %XX. */
static void add_path(struct str *out, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c <= ' ' || c == '%' || c == 0x7f)
			str_addf(out, "%%%02x", c);
		else
			str_add_char(out, *path);
	}
}

static char *parse_path(struct arena *a, const char *text)
{
	char *path = arena_strdup(a, text), *out = path;

	for (const char *in = path; in && *in; in++) {
		unsigned value;

		if (*in == '%' && sscanf(in + 1, "%2x", &value) == 1 && value) {
			*out++ = (char)value;
			in += 2;
		} else {
			*out++ = *in;
		}
	}
	if (out)
		*out = '\0';
	/* Nothing that is written here leads out of the environment. */
	return path && path_is_inside(path) ? path : NULL;
}

int journal_write(const struct journal *j, int dirfd)
{
	struct str out = STR_INIT;
	int r;

	str_addf(&out, HEAD "root %" PRIx64 ":%" PRIx64 "\nway %s\n", j->dev, j->ino,
		 ways[j->way]);
	if (j->alone)
		str_add(&out, "alone\n");
	if (j->backup)
		str_add(&out, "backup\n");
	for (const struct change *c = j->changes; c; c = c->next) {
		str_addf(&out, "%s %u %" PRIx64 ":%" PRIx64 " ", kinds[c->kind],
			 c->number, c->dev, c->ino);
		add_path(&out, c->path);
		str_add_char(&out, '\n');
	}
	/* Its end says that it is whole. */
	str_add(&out, "end\n");
	r = str_failed(&out)
		    ? -ENOMEM
		    : file_create_at(dirfd, INCOMPLETE_FILE, out.s, out.len, 0600, false);
	str_release(&out);
	return r;
}

static int find_word(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i], word))
			return (int)i;
	}
	return -1;
}

static bool parse_line(struct journal *j, struct arena *a, char *line)
{
	char word[16] = "", way[16] = "";
	struct change *c;
	int n = 0, kind;
	unsigned number;
	uint64_t dev, ino;
	const char *path;

	if (sscanf(line, "root %" SCNx64 ":%" SCNx64, &j->dev, &j->ino) == 2)
		return true;
	if (sscanf(line, "way %15s", way) == 1) {
		kind = find_word(ways, ARRAY_SIZE(ways), way);
		j->way = (enum way)(kind < 0 ? 0 : kind);
		return kind >= 0;
	}
	if (!strcmp(line, "alone"))
		return j->alone = true;
	if (!strcmp(line, "backup"))
		return j->backup = true;
	if (sscanf(line, "%15s %u %" SCNx64 ":%" SCNx64 " %n", word, &number, &dev, &ino,
		   &n) < 4 ||
	    !n)
		return false;
	kind = find_word(kinds, ARRAY_SIZE(kinds), word);
	path = parse_path(a, line + n);
	c = kind < 0 || !path ? NULL
			      : journal_add(j, a, (enum change_kind)kind, path, NULL);
	if (!c)
		return false;
	c->number = number;
	c->dev = dev;
	c->ino = ino;
	return true;
}

int journal_read(struct journal *j, struct arena *a, int dirfd, const struct stat *root)
{
	struct stat none = { 0 }, st;
	struct str text = STR_INIT;
	bool ended = false;
	char *line;
	int r;

	journal_init(j, WAY_NEW, &none);
	/* Ours is a regular file of ours, that nobody else could have written. */
	if (fstatat(dirfd, INCOMPLETE_FILE, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return 0;
	r = file_read_at(dirfd, INCOMPLETE_FILE, JOURNAL_MAX, &text);
	if (r || strncmp(str_text(&text), HEAD, strlen(HEAD)) != 0) {
		str_release(&text);
		return r ? r : -EBADMSG;
	}
	for (line = text.s + strlen(HEAD); *line && !ended;) {
		size_t n = strcspn(line, "\n");
		bool last = !line[n];

		line[n] = '\0';
		ended = !strcmp(line, "end");
		if (!ended && !parse_line(j, a, line))
			break;
		line += n + !last;
	}
	str_release(&text);
	if (!ended)
		return -EBADMSG;
	return !root ||
	       (j->dev == (uint64_t)root->st_dev && j->ino == (uint64_t)root->st_ino);
}
