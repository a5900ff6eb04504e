/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "util/util.h"
#include "download.h"

#define RECORD_MAX 16384u

#define RECORD_PREFIX	 "url-"
#define RECORD_NAME_SIZE (sizeof(RECORD_PREFIX) - 1 + FETCH_DIGEST_SIZE)

/* A descriptor of the directory of downloads; -1 without a cache. */
static int open_dir(struct host *h)
{
	int cache = cache_make(&h->cache, &h->log);
	int dir = cache < 0	  ? -1
		  : h->cache.look ? tree_open_dir(cache, CACHE_DOWNLOAD)
				  : tree_make_dirs(cache, CACHE_DOWNLOAD);

	return dir < 0 ? -1 : dir;
}

/* By the digest of the URL: what is secret in one is not for a file.  False: no memory. */
static bool record_name(const struct fetch_module *m, const char *url, char *name)
{
	memcpy(name, RECORD_PREFIX, sizeof(RECORD_PREFIX));
	return m->digest(url, name + sizeof(RECORD_PREFIX) - 1);
}

/* The next line of TEXT, which is cut there; NULL if there is none. */
static const char *next_line(char **text)
{
	char *line = *text, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line;
}

/* A record has two lines: digest, ETag. */
void cached_find(struct host *h, const struct fetch_module *m, const char *url,
		 struct cached *out)
{
	_cleanup_close_ int dir = open_dir(h);
	_cleanup_str_ struct str text = STR_INIT;
	const char *digest, *etag;
	char name[RECORD_NAME_SIZE], *at;

	*out = (struct cached){ 0 };
	if (dir < 0 || !record_name(m, url, name) ||
	    file_read_at(dir, name, RECORD_MAX, &text))
		return;
	at = text.s;
	digest = next_line(&at);
	etag = next_line(&at);
	if (!digest || !etag || strspn(digest, "0123456789abcdef") != 64 || digest[64] ||
	    strlen(etag) >= sizeof(out->etag))
		return;
	snprintf(out->sha256, sizeof(out->sha256), "%s", digest);
	snprintf(out->etag, sizeof(out->etag), "%s", etag);
}

bool cached_is_there(struct host *h, const char *sha256)
{
	_cleanup_close_ int dir = open_dir(h);

	return dir >= 0 && *sha256 && file_exists_at(dir, sha256);
}

int cached_copy(struct host *h, const struct fetch_module *m, const char *sha256, int to)
{
	_cleanup_close_ int dir = open_dir(h), from = -1;
	char found[FETCH_DIGEST_SIZE];
	int r;

	if (dir < 0 || !*sha256)
		return 0;
	from = openat(dir, sha256, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return errno == ENOENT ? 0 : -errno;
	r = m->copy(from, to, found);
	if (r)
		return r;
	if (!strcmp(found, sha256))
		return 1;
	/* Damaged: it will be fetched again. */
	log_info(&h->log, "the cache's copy of '%s' is damaged and removed", sha256);
	(void)!unlinkat(dir, sha256, 0);
	return ftruncate(to, 0) || lseek(to, 0, SEEK_SET) ? -errno : 0;
}

static int keep_file(int dir, const char *name, int from)
{
	_cleanup_close_ int to = -1;
	struct stat st;
	char part[FILE_TEMP_SIZE];
	int r;

	if (file_exists_at(dir, name))
		return 0;
	to = file_temp_at(dir, 0600, part);
	if (to < 0)
		return to;
	if (fstat(from, &st) || lseek(from, 0, SEEK_SET) < 0)
		r = -errno;
	else
		r = file_copy_fd(from, to, st.st_size);
	if (!r && renameat(dir, part, dir, name))
		r = -errno;
	if (r)
		(void)unlinkat(dir, part, 0);
	return r;
}

/* A download whose use is not over. */
struct cached_use {
	struct cached_use *next;
	const char *url;
	struct cached what;
};

static void log_lost(struct host *h, int r)
{
	if (r)
		log_info(&h->log, "the download is not kept in the cache: %s",
			 strerror(-r));
}

void cached_keep(struct venv_session *s, const char *url, const struct cached *what,
		 int from)
{
	_cleanup_close_ int dir = open_dir(s->host);
	struct cached_use *u = arena_alloc(&s->arena, sizeof(*u));
	int r = dir < 0 ? 0 : keep_file(dir, what->sha256, from);

	log_lost(s->host, r);
	if (dir < 0 || r || !u)
		return;
	*u = (struct cached_use){ s->used, arena_strdup(&s->arena, url), *what };
	if (u->url)
		s->used = u;
}

static int record(struct host *h, const struct fetch_module *m,
		  const struct cached_use *u)
{
	_cleanup_close_ int dir = open_dir(h);
	_cleanup_str_ struct str text = STR_INIT;
	char name[RECORD_NAME_SIZE];

	str_addf(&text, "%s\n%s\n", u->what.sha256, u->what.etag);
	if (dir < 0 || !record_name(m, u->url, name) || str_failed(&text))
		return 0;
	return file_replace_at(dir, name, text.s, text.len, 0600);
}

void session_used_well(struct venv_session *s)
{
	const struct fetch_module *m =
		s->used ? module_get(&s->host->modules, MODULE_FETCH, NULL) : NULL;

	for (const struct cached_use *u = s->used; m && u; u = u->next)
		log_lost(s->host, record(s->host, m, u));
}
