/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "fs/fs.h"
#include "load/load.h"

/* Of more than twice this the beginning and the end are kept. */
#define OUTPUT_HALF (1024u * 1024u)
#define TAIL_LINES  20
/* Of a longer line that is shown. */
#define LINE_SHOWN 400
#define LOGS_KEPT  50
#define LOGS_AGE   (30L * 24 * 60 * 60)

void output_add(struct output_text *t, const char *line, size_t len)
{
	size_t drop;
	char *end;

	if (!t->last.len && t->first.len + len <= OUTPUT_HALF) {
		str_add_n(&t->first, line, len);
		return;
	}
	str_add_n(&t->last, line, len);
	if (t->last.len <= 2 * OUTPUT_HALF || str_failed(&t->last))
		return;
	/* From the beginning of a line, if there is one. */
	drop = t->last.len - OUTPUT_HALF;
	end = memchr(t->last.s + drop, '\n', OUTPUT_HALF);
	if (end && end + 1 < t->last.s + t->last.len)
		drop = (size_t)(end + 1 - t->last.s);
	memmove(t->last.s, t->last.s + drop, t->last.len - drop + 1);
	t->last.len -= drop;
	t->left_out += drop;
}

void output_release(struct output_text *t)
{
	str_release(&t->first);
	str_release(&t->last);
}

void output_add_all(const struct output_text *t, struct str *out)
{
	if (t->first.len)
		str_add_n(out, t->first.s, t->first.len);
	if (t->left_out)
		str_addf(out, "\n[venvctl: %" PRIu64 " bytes are left out here]\n",
			 t->left_out);
	if (t->last.len)
		str_add_n(out, t->last.s, t->last.len);
}

/* One line without its end, shortened. */
static void add_line(struct str *out, const char *line, size_t n)
{
	size_t shown = n;

	if (n > LINE_SHOWN + 40) {
		shown = LINE_SHOWN;
		/* Not in the middle of a character. */
		while (shown && (line[shown] & 0xc0) == 0x80)
			shown--;
	}
	str_add_n(out, line, shown);
	if (shown < n)
		str_addf(out, " [... %zu more bytes]", n - shown);
}

/* The last lines of both parts, as if they were one text, each shortened. */
void output_add_tail(const struct output_text *t, struct str *out)
{
	struct str all = STR_INIT;
	size_t end, at, lines = 0;

	if (!t->left_out && t->first.len)
		str_add_n(&all, t->first.s, t->first.len);
	if (t->last.len)
		str_add_n(&all, t->last.s, t->last.len);
	end = all.len;
	while (end && all.s[end - 1] == '\n')
		end--;
	for (at = end; at; at--) {
		if (all.s[at - 1] == '\n' && ++lines == TAIL_LINES)
			break;
	}
	while (at < end) {
		const char *line = all.s + at, *stop = memchr(line, '\n', end - at);
		size_t n = stop ? (size_t)(stop - line) : end - at;

		add_line(out, line, n);
		at += n + 1;
		if (at < end)
			str_add_char(out, '\n');
	}
	str_release(&all);
}

/* Where logs are kept; NULL where there is no place for them. */
static const char *log_dir(struct venv_session *s)
{
	const char *state = env_get(s->host->env, "XDG_STATE_HOME");
	const char *home = env_get(s->host->env, "HOME"), *dir = NULL;

	if (geteuid() == 0)
		dir = paths_logdir();
	else if (state && *state == '/')
		dir = path_join(&s->arena, state, "venvctl/log");
	else if (home && *home == '/')
		dir = path_join(&s->arena, home, ".local/state/venvctl/log");
	return dir ? path_absolute(&s->arena, "/", dir) : NULL;
}

/* A new log in DIR, named by the time, and a number if two fail in the same second. */
static int new_log(int dir, char name[64])
{
	time_t now = time(NULL);
	char stem[48];
	struct tm tm;
	int fd, n = 0;

	if (!gmtime_r(&now, &tm))
		return -errno;
	snprintf(stem, sizeof(stem), "%04d%02d%02dT%02d%02d%02d-%ld", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (long)getpid());
	do {
		if (n)
			snprintf(name, 64, "%s-%d.log", stem, n);
		else
			snprintf(name, 64, "%s.log", stem);
		fd = openat(dir, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	} while (fd < 0 && errno == EEXIST && ++n < 1000);
	/* Whatever the umask. */
	if (fd >= 0)
		(void)!fchmod(fd, 0600);
	return fd < 0 ? -errno : fd;
}

/* The log that was asked for: one that is there keeps its mode, a new one has 0600. */
static int open_asked(const char *file, int flags)
{
	for (;;) {
		int fd = open(file, flags);

		if (fd >= 0 || errno != ENOENT)
			return fd;
		fd = open(file, flags | O_CREAT | O_EXCL, 0600);
		if (fd >= 0)
			(void)!fchmod(fd, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
}

/* "20260102T030405-67.log", with "-1" before the end for a second one: ours. */
static bool is_log(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n == 8 && name[8] == 'T' && strspn(name + 9, "0123456789") == 6 &&
	       name[15] == '-' && strlen(name) < 64 &&
	       !strcmp(name + 15 + strspn(name + 15, "-0123456789"), ".log");
}

/*
 * Of the logs that nobody asked for the newest LOGS_KEPT stay, for LOGS_AGE: their names are
 * their order.
 */
static void forget_old(struct venv_session *s, const char *dir, int dirfd)
{
	time_t before = time(NULL) - LOGS_AGE;
	struct strlist names = STRLIST_INIT;
	size_t n = 0;

	if (tree_names(&s->arena, dir, &names))
		return;
	for (size_t i = 0; i < names.n; i++)
		n += is_log(names.v[i]);
	for (size_t i = 0; i < names.n; i++) {
		struct stat st;

		if (!is_log(names.v[i]) ||
		    (n <= LOGS_KEPT &&
		     (fstatat(dirfd, names.v[i], &st, AT_SYMLINK_NOFOLLOW) ||
		      st.st_mtime >= before)))
			continue;
		(void)!unlinkat(dirfd, names.v[i], 0);
		n--;
	}
}

/* Only a directory that nobody else can write keeps what may be secret. */
static int check_dir(int dirfd)
{
	struct stat st;

	if (fstat(dirfd, &st))
		return -errno;
	return st.st_uid == geteuid() && !(st.st_mode & 022) ? 0 : -EPERM;
}

int host_check_log(const struct host *h, bool look, struct venv_error *err)
{
	const char *file = h->settings.log_file;
	int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK;
	int fd;

	if (!file)
		return 0;
	fd = look ? open(file, flags) : open_asked(file, flags);
	/* Who only looks makes none. */
	if (fd < 0 && look && errno == ENOENT) {
		struct arena a = ARENA_INIT;
		const char *dir = path_dir(&a, file);
		int r = !dir ? ENOMEM : access(dir, W_OK | X_OK) ? errno : 0;

		arena_release(&a);
		return r ? error_errno(err, r, "cannot open the log '%s'", file) : 0;
	}
	if (fd < 0)
		return error_errno(err, errno, "cannot open the log '%s'", file);
	close(fd);
	return 0;
}

/* Open the log that was asked for (*FILE), else a new one, which goes to *FILE. */
static int open_log(struct venv_session *s, const char **file)
{
	const char *dir = *file ? NULL : log_dir(s);
	_cleanup_close_ int dirfd = -1;
	char name[64];
	int fd;

	if (*file) {
		fd = open_asked(*file, O_WRONLY | O_APPEND | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	if (!dir)
		return -ENOENT;
	*file = dir;
	dirfd = tree_make_path(dir, 0700);
	fd = dirfd < 0 ? dirfd : check_dir(dirfd);
	if (!fd)
		fd = new_log(dirfd, name);
	if (fd >= 0) {
		*file = path_join(&s->arena, dir, name);
		forget_old(s, dir, dirfd);
	}
	return fd;
}

const char *output_log(struct venv_session *s, const struct output_text *text)
{
	const char *asked = s->host->settings.log_file, *file = asked;
	_cleanup_close_ int fd = asked || s->host->keeps_logs ? open_log(s, &file)
							      : -ENOENT;
	struct str all = STR_INIT;
	int r = fd;

	if (fd >= 0) {
		output_add_all(text, &all);
		r = str_failed(&all) ? -ENOMEM
				     : file_write_fd(fd, str_text(&all), all.len);
		str_release(&all);
	}

	if (!r || !file)
		return file;
	(asked ? log_warn : log_info)(&s->host->log, "no log is kept in '%s': %s", file,
				      strerror(-r));
	return NULL;
}
