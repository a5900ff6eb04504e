/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define HEAD	    "venvctl-journal 2\n"
#define JOURNAL_MAX (256u * 1024u * 1024u)
/* More changes than a journal of that size holds: the next number is always one, too. */
#define NUMBER_MAX 100000000u

static const char *const ways[] = { "new", "exchange", "merge" };
static const char *const kinds[] = { "add", "swap", "remove", "saved", "linked" };

/* Nanoseconds since the machine was started, sleep included. */
static int64_t since_start(void)
{
	struct timespec now;

#ifdef CLOCK_BOOTTIME
	clock_gettime(CLOCK_BOOTTIME, &now);
#else
	clock_gettime(CLOCK_MONOTONIC, &now);
#endif
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void journal_init(struct journal *j)
{
	*j = (struct journal){ .pid = getpid(), .began_ns = since_start() };
	j->tail = &j->changes;
}

const char *journal_host(struct arena *a)
{
	struct utsname u;

	return uname(&u) ? NULL : arena_strdup(a, u.nodename);
}

struct mark mark_of(const struct stat *st)
{
	struct mark m = { .ino = (uint64_t)st->st_ino };

	if (!S_ISDIR(st->st_mode)) {
		m.size = (int64_t)st->st_size;
		m.mtime_ns = stamp_ns(&st->st_mtim);
	}
	return m;
}

int mark_at(int dirfd, const char *name, struct mark *m)
{
	struct tree_id id;
	struct stat st;
	int r;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	*m = mark_of(&st);
	if (!S_ISDIR(st.st_mode))
		return 0;
	/* The number alone may be given to the next directory that is made. */
	r = tree_id_at(dirfd, name, &id);
	*m = (struct mark){ .ino = id.ino, .mtime_ns = id.born_ns };
	return r;
}

bool mark_equal(const struct mark *a, const struct mark *b)
{
	return a->ino == b->ino && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

struct change *journal_add(struct journal *j, struct arena *a, enum change_kind kind,
			   const char *path, struct venv_error *err)
{
	struct change *c = path ? arena_alloc(a, sizeof(*c)) : NULL;

	if (!c) {
		error_nomem(err);
		return NULL;
	}
	c->kind = kind;
	c->path = path;
	if (kind == CHANGE_SWAP || kind == CHANGE_REMOVE || kind == CHANGE_SAVED)
		c->number = j->numbers++;
	*j->tail = c;
	j->tail = &c->next;
	if (!j->unwritten)
		j->unwritten = c;
	return c;
}

/* ---- writing ---- */

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
	str_add_char(out, '\n');
}

static void add_text(struct str *out, const char *key, const char *text)
{
	str_add(out, key);
	str_add_char(out, ' ');
	add_path(out, text);
}

static void add_id(struct str *out, const char *key, const struct tree_id *id)
{
	str_addf(out, "%s %" PRIx64 ":%" PRIx64 "\n", key, id->ino,
		 (uint64_t)id->born_ns);
}

static void add_changes(struct journal *j, struct str *out)
{
	for (const struct change *c = j->unwritten; c; c = c->next) {
		str_addf(out,
			 "%s %u %" PRIx64 ":%" PRIx64 ":%" PRIx64 " %" PRIx64 ":%" PRIx64
			 ":%" PRIx64 " ",
			 kinds[c->kind], c->number, c->was.ino, (uint64_t)c->was.size,
			 (uint64_t)c->was.mtime_ns, c->now.ino, (uint64_t)c->now.size,
			 (uint64_t)c->now.mtime_ns);
		add_path(out, c->path);
	}
	/* The end of a group says that it is whole. */
	str_add(out, "end\n");
}

int journal_write(struct journal *j, int dirfd)
{
	struct str out = STR_INIT;
	int r;

	str_addf(&out, HEAD "way %s\nowner %ld %" PRIx64 "\n", ways[j->way], j->pid,
		 (uint64_t)j->began_ns);
	add_text(&out, "name", j->name);
	add_text(&out, "stage", j->stage);
	add_id(&out, "stage-id", &j->stage_id);
	add_id(&out, "target-id", &j->target_id);
	if (j->host)
		add_text(&out, "host", j->host);
	if (j->was_empty)
		str_add(&out, "was-empty\n");
	for (size_t i = 0; i < j->made.n; i++)
		add_text(&out, "made", j->made.v[i]);
	add_changes(j, &out);
	r = str_failed(&out)
		    ? -ENOMEM
		    : file_create_at(dirfd, INCOMPLETE_FILE, out.s, out.len, 0600, false);
	str_release(&out);
	if (!r)
		j->unwritten = NULL;
	return r;
}

static int append(struct journal *j, int dirfd, const struct str *text)
{
	int fd = openat(dirfd, INCOMPLETE_FILE,
			O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = j->cut ? -EIO : fstat(fd, &st) ? -errno : 0;
	if (!r) {
		r = file_write_fd(fd, text->s, text->len);
		/* Half a group must not run into the next one. */
		if (r && ftruncate(fd, st.st_size))
			j->cut = true;
	}
	if (close(fd) && !r && errno != EINTR)
		r = -errno;
	return r;
}

int journal_append(struct journal *j, int dirfd)
{
	struct str out = STR_INIT;
	int r;

	if (!j->unwritten)
		return 0;
	add_changes(j, &out);
	r = str_failed(&out) ? -ENOMEM : append(j, dirfd, &out);
	str_release(&out);
	if (!r)
		j->unwritten = NULL;
	return r;
}

int journal_keep(struct journal *j, int dirfd)
{
	struct str out = STR_INIT;
	int r;

	j->kept = true;
	str_add(&out, "kept\nend\n");
	r = str_failed(&out) ? -ENOMEM : append(j, dirfd, &out);
	str_release(&out);
	return r;
}

/* ---- reading ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *parse_text(struct arena *a, const char *text)
{
	char *path = arena_strdup(a, text), *out = path;

	for (const char *in = path; in && *in; in++) {
		if (*in == '%') {
			int high = hex_digit(in[1]);
			int low = high < 0 ? -1 : hex_digit(in[2]);

			if (low < 0 || !(high * 16 + low))
				return NULL;
			*out++ = (char)(high * 16 + low);
			in += 2;
		} else {
			*out++ = *in;
		}
	}
	if (out)
		*out = '\0';
	return path;
}

/* A name without a directory. */
static char *parse_name(struct arena *a, const char *text)
{
	char *name = parse_text(a, text);

	return name && *name && !strchr(name, '/') && path_is_inside(name) ? name : NULL;
}

static int find_word(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i], word))
			return (int)i;
	}
	return -1;
}

static bool parse_id(const char *text, struct tree_id *id)
{
	uint64_t born;
	int n = 0;

	if (sscanf(text, "%" SCNx64 ":%" SCNx64 "%n", &id->ino, &born, &n) != 2 ||
	    text[n])
		return false;
	id->born_ns = (int64_t)born;
	return true;
}

static bool parse_change(struct journal *j, struct arena *a, const char *word,
			 const char *rest)
{
	int n = 0, kind = find_word(kinds, ARRAY_SIZE(kinds), word);
	uint64_t v[6];
	unsigned number;
	struct change *c;
	char *path;

	if (kind < 0 ||
	    sscanf(rest,
		   "%u %" SCNx64 ":%" SCNx64 ":%" SCNx64 " %" SCNx64 ":%" SCNx64
		   ":%" SCNx64 " %n",
		   &number, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &n) < 7 ||
	    !n || number > NUMBER_MAX)
		return false;
	path = parse_text(a, rest + n);
	/* Nothing that is written here leads out of the target. */
	c = path && path_is_inside(path)
		    ? journal_add(j, a, (enum change_kind)kind, path, NULL)
		    : NULL;
	if (!c)
		return false;
	c->number = number;
	if (number >= j->numbers)
		j->numbers = number + 1;
	c->was = (struct mark){ v[0], (int64_t)v[1], (int64_t)v[2] };
	c->now = (struct mark){ v[3], (int64_t)v[4], (int64_t)v[5] };
	return true;
}

static bool parse_line(struct journal *j, struct arena *a, const char *line)
{
	size_t n = strcspn(line, " ");
	const char *rest = line[n] ? line + n + 1 : "";
	uint64_t began;
	char word[16];
	int way;

	if (n >= sizeof(word))
		return false;
	memcpy(word, line, n);
	word[n] = '\0';
	if (!strcmp(word, "way")) {
		way = find_word(ways, ARRAY_SIZE(ways), rest);
		j->way = way < 0 ? WAY_NEW : (enum way)way;
		return way >= 0;
	}
	if (!strcmp(word, "owner")) {
		way = sscanf(rest, "%ld %" SCNx64, &j->pid, &began) == 2;
		j->began_ns = way ? (int64_t)began : 0;
		return way;
	}
	if (!strcmp(word, "name"))
		return (j->name = parse_name(a, rest)) != NULL;
	if (!strcmp(word, "stage"))
		return (j->stage = parse_name(a, rest)) != NULL;
	if (!strcmp(word, "stage-id"))
		return parse_id(rest, &j->stage_id);
	if (!strcmp(word, "target-id"))
		return parse_id(rest, &j->target_id);
	if (!strcmp(word, "host"))
		return (j->host = parse_text(a, rest)) != NULL;
	if (!strcmp(word, "made")) {
		const char *path = parse_text(a, rest);

		return path && *path == '/' && strlist_add(a, &j->made, path);
	}
	if (!strcmp(line, "was-empty"))
		return j->was_empty = true;
	if (!strcmp(line, "kept"))
		return j->kept = true;
	return parse_change(j, a, word, rest);
}

int journal_read(struct journal *j, struct arena *a, int dirfd)
{
	_cleanup_close_ int fd = openat(dirfd, INCOMPLETE_FILE,
					O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct str text = STR_INIT;
	struct change **whole;
	bool ended = false;
	struct stat st;
	char *line;
	int r;

	*j = (struct journal){ .way = WAY_NEW };
	whole = j->tail = &j->changes;
	/* Ours is a regular file of ours, that nobody else could have written. */
	if (fd < 0)
		return errno == ENOENT || errno == ELOOP || errno == ENXIO ? 0 : -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022))
		return 0;
	r = file_read_fd(fd, JOURNAL_MAX, &text);
	if (r || strncmp(str_text(&text), HEAD, strlen(HEAD)) != 0 ||
	    memchr(text.s, '\0', text.len)) {
		str_release(&text);
		return r ? r : -EBADMSG;
	}
	for (line = text.s + strlen(HEAD); *line;) {
		size_t n = strcspn(line, "\n");

		if (!line[n])
			break;
		line[n] = '\0';
		if (!strcmp(line, "end")) {
			ended = true;
			whole = j->tail;
		} else if (!parse_line(j, a, line)) {
			break;
		}
		line += n + 1;
	}
	str_release(&text);
	/* A group that was cut was not begun. */
	*whole = NULL;
	j->tail = whole;
	j->unwritten = NULL;
	return ended && j->name && j->stage ? 1 : -EBADMSG;
}

/* ---- the owner ---- */

/*
 * When a process was started, since the machine was; -1 if that cannot be known, INT64_MAX if
 * it has ended and nobody has asked for its status yet.
 */
static int64_t started(long pid)
{
	struct str text = STR_INIT;
	unsigned long long ticks = 0;
	char path[40];
	const char *p;
	long hz = sysconf(_SC_CLK_TCK);
	int r;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	r = file_read_at(AT_FDCWD, path, 65536, &text);
	/* The name of the program may hold anything; it ends with the last ')'. */
	p = r ? NULL : strrchr(str_text(&text), ')');
	if (p && (p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X'))) {
		str_release(&text);
		return INT64_MAX;
	}
	for (int field = 3; p && field <= 22; field++) {
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	if (p)
		ticks = strtoull(p, NULL, 10);
	str_release(&text);
	return !p || hz <= 0 ? -1
			     : (int64_t)(ticks * (1000000000ULL / (unsigned long)hz));
}

bool journal_owner_runs(const struct journal *j)
{
	struct utsname u;
	int64_t when;

	/* Another machine's processes cannot be seen from here. */
	if (j->host && (uname(&u) || strcmp(u.nodename, j->host) != 0))
		return true;
	if (j->pid <= 0 || (kill((pid_t)j->pid, 0) && errno == ESRCH))
		return false;
	when = started(j->pid);
	/* Who was started later than it was written has only got the number. */
	return when < 0 || when <= j->began_ns;
}
