/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "util/util.h"
#include "fs/fs.h"
#include "config/config.h"

/* So many seconds without a word are long. */
#define WAIT_TOLD 5

/* ---- the file ---- */

/* True if NAME can only be that of an entry: no path, not "." or "..". */
static bool is_name(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       !strchr(name, '/');
}

static int begin_file(struct download *l, struct venv_error *err)
{
	const char *dir = l->d->dir ? l->d->dir : session_temp_dir(l->s);

	if (!dir)
		return error_errno(err, errno, "cannot make a directory for '%s' in '%s'",
				   l->url.shown, session_temp_base(l->s));
	if (*dir != '/')
		return error_set(err, VENV_ERR_FAILED,
				 "the directory '%s' of a download is no absolute path",
				 dir);
	l->dir = tree_open_dir(AT_FDCWD, dir);
	if (l->dir < 0)
		return error_errno(err, errno, "cannot open '%s'", dir);
	l->fd = openat(l->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (l->fd >= 0)
		return 0;
	l->fd = file_temp_at(l->dir, 0600, l->part);
	if (l->fd >= 0)
		return 0;
	l->part[0] = '\0';
	return error_errno(err, -l->fd, "cannot write into '%s'", dir);
}

/* Give the file its name; an error if there is anything of that name. */
static int name_file(struct download *l, struct venv_error *err)
{
	const char *dir = l->d->dir ? l->d->dir : session_temp_dir(l->s);
	const char *name = l->d->filename;
	char self[64];
	int r = 0;

	if (!name)
		name = is_name(l->url.name) ? l->url.name : "download";
	if (!is_name(name))
		return error_set(err, VENV_ERR_FAILED, "'%s' cannot name a download",
				 name);
	if (*l->part) {
		r = file_rename_new(l->dir, l->part, l->dir, name);
	} else {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", l->fd);
		r = linkat(AT_FDCWD, self, l->dir, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
	}
	if (r)
		return error_errno(err, -r, "cannot write '%s/%s'", dir, name);
	l->part[0] = '\0';
	l->d->path = arena_printf(&l->s->arena, "%s/%s", dir, name);
	l->d->digest = arena_strdup(&l->s->arena, l->digest);
	return l->d->path && l->d->digest ? 0 : error_nomem(err);
}

static void end_file(struct download *l)
{
	if (*l->part)
		(void)unlinkat(l->dir, l->part, 0);
	if (l->fd >= 0)
		close(l->fd);
	if (l->dir >= 0)
		close(l->dir);
}

static int verify(struct download *l, struct venv_error *err)
{
	if (download_is_wanted(l->d, l->digest))
		return 0;
	return error_set(err, VENV_ERR_INTEGRITY, "'%s' has the SHA-256 %s, not %s%s",
			 l->url.shown, l->digest, l->d->sha256[0],
			 l->d->sha256[1] ? " or another that is configured" : "");
}

/*
 * What came in place of a script, by its first bytes: no script of any language begins so.
 * NULL if it may be one.
 */
static const char *no_script(const struct download *l)
{
	unsigned char head[512];
	ssize_t n = l->d->flags & VENV_DOWNLOAD_CODE ? pread(l->fd, head, sizeof(head), 0)
						     : -1;
	ssize_t at = n > 2 && !memcmp(head, "\xef\xbb\xbf", 3) ? 3 : 0;

	if (n < 0)
		return NULL;
	while (at < n && strchr(" \t\r\n\f", head[at]) && head[at])
		at++;
	if (at == n && n < (ssize_t)sizeof(head))
		return "an empty file";
	if (at < n && head[at] == '<')
		return "a page (HTML)";
	return n > 1 && head[0] == 0x1f && head[1] == 0x8b ? "compressed (gzip)" : NULL;
}

/* As verify(); what can be no script is told as what it is, and who sent it. */
static int verify_remote(struct download *l, const struct fetch_result *result,
			 struct venv_error *err)
{
	bool pinned = download_has_digest(l->d) && download_is_wanted(l->d, l->digest);
	const char *what = pinned ? NULL : no_script(l);
	const char *host = strstr(result->answered, "://");
	int n;

	if (!what)
		return verify(l, err);
	host = host ? host + 3 : result->answered;
	n = (int)strcspn(host, "/");
	error_set(err, VENV_ERR_INTEGRITY, "'%s' is %s and no script: '%.*s' sent it",
		  l->url.shown, what, n, host);
	return strstr(what, "HTML")
		       ? error_hint(err, VENV_ERR_INTEGRITY,
				    "does this network ask for a log-in, or a proxy?")
		       : VENV_ERR_INTEGRITY;
}

/* ---- local files ---- */

bool download_is_local(const char *url)
{
	return *url == '/' || !strncasecmp(url, "file:", 5);
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The path of a file: URL of this machine; NULL if it is none. */
static char *file_path(struct arena *a, const char *url)
{
	const char *from = url + 5;
	char *path, *to;

	if (!strncasecmp(from, "//localhost/", 12))
		from += 11;
	else if (!strncmp(from, "///", 3))
		from += 2;
	if (*from != '/' || from[1] == '/')
		return NULL;
	path = to = arena_strdup(a, from);
	for (; path && *from; from++) {
		if (*from == '%' && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
			/* It would end there. */
			if (!strncmp(from, "%00", 3))
				return NULL;
			*to++ = (char)(hex(from[1]) * 16 + hex(from[2]));
			from += 2;
		} else if (*from == '?' || *from == '#') {
			break;
		} else {
			*to++ = *from;
		}
	}
	if (path)
		*to = '\0';
	return path;
}

/*
 * Open a file of this machine.  Without a digest it must be one that nobody else can
 * change, if it will be run or if the site requires digests.
 */
static int open_local(struct download *l, const char *path, struct venv_error *err)
{
	bool required = l->policy && l->policy->require_sha256.number;
	struct stat st;
	int fd;

	if (!download_has_digest(l->d) &&
	    (required || (l->d->flags & VENV_DOWNLOAD_CODE))) {
		fd = download_open_trusted(l->s, path, err);
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return error_errno(err, errno, "cannot open '%s'", path);
	}
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		return error_set(err, VENV_ERR_FAILED, "'%s' is not a file", path);
	}
	return fd;
}

static int get_local(struct download *l, struct venv_error *err)
{
	const char *path = *l->d->url == '/' ? l->d->url
					     : file_path(&l->s->arena, l->d->url);
	_cleanup_close_ int from = -1;
	int r;

	if (!path)
		return error_set(err, VENV_ERR_CONFIG,
				 "'%s' names no file of this machine", l->d->url);
	snprintf(l->url.shown, sizeof(l->url.shown), "%s", path);
	snprintf(l->url.name, sizeof(l->url.name), "%.255s", path_base(path));
	from = open_local(l, path, err);
	if (from < 0 || (l->d->flags & VENV_DOWNLOAD_TRY))
		return from < 0 ? from : 0;
	r = begin_file(l, err);
	if (r)
		return r;
	l->m = module_get(&l->host->modules, MODULE_FETCH, err);
	if (!l->m)
		return VENV_ERR_UNSUPPORTED;
	r = l->m->copy(from, l->fd, l->digest);
	if (r)
		return error_errno(err, -r, "cannot copy '%s'", path);
	r = verify(l, err);
	return r ? r : name_file(l, err);
}

/* ---- the network ---- */

/* A number of [network], not above the site's rule. */
static int64_t number(const struct download *l, const char *key, const struct rule *limit)
{
	const char *text = config_text(&l->host->config, "network", key);
	char *end = NULL;
	int64_t n = text ? strtoll(text, &end, 10) : 0;

	/* Configured numbers are plain ones already, the built-in default is "100M". */
	if (end && *end == 'M')
		n <<= 20;
	return limit && limit->set && limit->number < n ? limit->number : n;
}

/* The same of seconds, of which 0 are no limit. */
static long seconds(const struct download *l, const char *key, const struct rule *limit)
{
	const char *text = config_text(&l->host->config, "network", key);

	if (!text || strcmp(text, "0") != 0)
		return (long)number(l, key, limit);
	return limit && limit->set ? (long)limit->number : OPTION_NATURAL_MAX;
}

static int on_progress(void *data, int64_t got, int64_t total)
{
	struct download *l = data;
	struct timespec now;

	if (l->host->on_download) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		l->host->on_download(l->url.name, got, total,
				     (int64_t)(now.tv_sec - l->began.tv_sec) * 1000 +
					     (now.tv_nsec - l->began.tv_nsec) / 1000000);
	}
	return host_is_cancelled(l->host);
}

static void on_retry(void *data, const char *message, long seconds)
{
	struct download *l = data;

	/* Who waits long wants to know what for. */
	(seconds >= WAIT_TOLD ? log_warn : log_info)(
		&l->host->log, "%s: trying again in %ld s", message, seconds);
}

static int fetch(struct download *l, const char *etag, struct fetch_result *result)
{
	const struct policy *p = l->policy;
	const char *agent = config_text(&l->host->config, "network", "user-agent");
	int64_t max = number(l, "max-download", p ? &p->max_download : NULL);
	struct fetch_request q = {
		.url = l->d->url,
		.rules = download_rules(p),
		.ca_file = download_ca_file(l->host),
		.proxy = config_text(&l->host->config, "network", "proxy"),
		.user_agent = agent ? agent : "venvctl/" PACKAGE_VERSION,
		.env = l->host->env,
		.connect_timeout = seconds(l, "connect-timeout", NULL),
		.stall_timeout = seconds(l, "stall-timeout", NULL),
		.timeout = seconds(l, "timeout", p ? &p->timeout : NULL),
		.max_size = max,
		.retries = (int)number(l, "retries", NULL),
		.etag = etag,
		.fd = l->fd,
		.progress = on_progress,
		.retrying = on_retry,
		.data = l,
	};
	int status;

	*result = (struct fetch_result){ 0 };
	if (!download_no_proxy(l->host, &l->s->arena, &q.no_proxy))
		return FETCH_NOMEM;
	if (l->d->max_size && l->d->max_size < (uint64_t)max)
		q.max_size = (int64_t)l->d->max_size;
	log_info(&l->host->log, "fetching '%s'", l->url.shown);
	clock_gettime(CLOCK_MONOTONIC, &l->began);
	status = l->m->get(&q, result);
	if (l->host->on_download)
		l->host->on_download(NULL, result->size, result->size, 0);
	return status;
}

/* If the file with this digest is wanted and in the cache, copy it: 1; else 0. */
static int take_cached(struct download *l, const char *sha256, struct venv_error *err)
{
	int r = download_is_wanted(l->d, sha256)
			? cached_copy(l->host, l->m, sha256, l->fd)
			: 0;

	if (r < 0)
		return error_errno(err, -r, "cannot copy '%s' from the cache",
				   l->url.shown);
	if (r)
		snprintf(l->digest, sizeof(l->digest), "%.64s", sha256);
	return r;
}

static int take_by_digest(struct download *l, struct venv_error *err)
{
	int r = 0;

	for (const char *const *s = l->d->sha256; !r && s && *s; s++)
		r = take_cached(l, *s, err);
	return r;
}

static int missed(struct download *l, struct venv_error *err)
{
	error_set(err, VENV_ERR_NETWORK,
		  "'%s' is not in the cache, and --offline was asked for", l->url.shown);
	return error_hint(
		err, VENV_ERR_NETWORK,
		"run it once without --offline, or name a file of this machine");
}

/* Does the cache have it?  Whether it is undamaged is seen when it is copied. */
static int try_offline(struct download *l, const struct cached *known,
		       struct venv_error *err)
{
	if (*known->sha256 && download_is_wanted(l->d, known->sha256) &&
	    cached_is_there(l->host, known->sha256))
		return 0;
	for (const char *const *s = l->d->sha256; s && *s; s++) {
		if (cached_is_there(l->host, *s))
			return 0;
	}
	return missed(l, err);
}

/* Certificates that cannot be read are told as such, before anything is asked for. */
static int check_ca_file(struct download *l, struct venv_error *err)
{
	const char *ca = download_ca_file(l->host);
	_cleanup_close_ int fd = ca ? open(ca, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	struct stat st;

	if (!ca || (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)))
		return 0;
	return error_set(err, VENV_ERR_INTEGRITY, "the certificates to trust, %s: %s",
			 download_ca_text(l), fd < 0 ? strerror(errno) : "not a file");
}

static int get_fresh(struct download *l, const struct cached *known,
		     struct venv_error *err)
{
	struct fetch_result result;
	struct cached now = { 0 };
	bool have = *known->etag && download_is_wanted(l->d, known->sha256) &&
		    cached_is_there(l->host, known->sha256);
	int status, r = check_ca_file(l, err);

	if (r)
		return r;
	status = fetch(l, have ? known->etag : NULL, &result);
	if (status == FETCH_NOT_MODIFIED) {
		r = take_cached(l, known->sha256, err);
		if (r > 0)
			log_info(&l->host->log, "'%s' has not changed", l->url.shown);
		if (r)
			return r < 0 ? r : 0;
		status = fetch(l, NULL, &result);
	}
	l->unknown_issuer = result.unknown_issuer;
	if (status != FETCH_OK)
		return download_error(l, status,
				      *result.refused ? result.refused : l->d->url,
				      result.message, err);
	snprintf(l->digest, sizeof(l->digest), "%s", result.sha256);
	r = verify_remote(l, &result, err);
	if (r)
		return r;
	snprintf(now.sha256, sizeof(now.sha256), "%s", result.sha256);
	snprintf(now.etag, sizeof(now.etag), "%s", result.etag);
	cached_keep(l->s, l->d->url, &now, l->fd);
	return 0;
}

static int get_remote(struct download *l, struct venv_error *err)
{
	bool offline = l->host->settings.offline;
	struct cached known;
	int r = download_judge(l, err);

	if (r)
		return r;
	cached_find(l->host, l->m, l->d->url, &known);
	if (l->d->flags & VENV_DOWNLOAD_TRY)
		return offline ? try_offline(l, &known, err) : 0;
	r = begin_file(l, err);
	if (r)
		return r;
	r = take_by_digest(l, err);
	if (!r && offline && *known.sha256)
		r = take_cached(l, known.sha256, err);
	if (r)
		r = r < 0 ? r : 0;
	else
		r = offline ? missed(l, err) : get_fresh(l, &known, err);
	if (!r)
		r = name_file(l, err);
	if (!r && !download_has_digest(l->d))
		log_info(&l->host->log,
			 "'%s' was not verified by a digest; to have that, add to "
			 "[plugin:%s]:\n"
			 "sha256 = %s",
			 l->url.shown, l->s->step->instance, l->digest);
	return r;
}

/* The digests that are asked for, in the form in which they are compared. */
static int take_digests(struct venv_session *s, struct venv_download *d,
			struct venv_error *err)
{
	struct strlist list = STRLIST_INIT;

	for (const char *const *p = d->sha256; p && *p; p++) {
		const char *digest;
		int r = session_digest(s, *p, &digest, err);

		if (r)
			return r;
		if (!strlist_add(&s->arena, &list, digest))
			return error_nomem(err);
	}
	d->sha256 = list.v;
	return 0;
}

int download_get(struct venv_session *s, struct venv_download *d, struct venv_error *err)
{
	struct download l = { .s = s,
			      .host = s->host,
			      .d = d,
			      .policy = s->host->config.policy,
			      .dir = -1,
			      .fd = -1 };
	int r;

	s->refused = false;
	d->path = d->digest = NULL;
	if (!d->url)
		return error_set(err, VENV_ERR_FAILED, "a download needs a URL");
	r = d->flags & VENV_DOWNLOAD_TRY ? 0 : session_may_change(s, "download", err);
	if (!r)
		r = take_digests(s, d, err);
	if (!r)
		r = download_is_local(d->url) ? get_local(&l, err) : get_remote(&l, err);
	end_file(&l);
	if (!r && s->host->build.looks && !download_is_local(d->url))
		s->step->fetches = arena_strdup(&s->host->build.arena, l.url.shown);
	return r;
}
