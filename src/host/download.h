/* SPDX-License-Identifier: MIT */
/*
 * download.h - host->download: policy, the module fetch, the cache of downloads
 *
 * The cache knows a file by its digest, and by URL which digest it had last and with
 * which ETag.  A file of it is hashed again whenever it is used.
 */
#pragma once

#include <time.h>

#include "session.h"
#include "modules/fetch.h"

/* download.c: struct venv_download of plugin.h says it all. */
int download_get(struct venv_session *s, struct venv_download *d, struct venv_error *err)
	_must_check_;

/* ---- between download.c and download_policy.c ---- */

struct download {
	struct venv_session *s;
	struct host *host;
	struct venv_download *d;
	const struct fetch_module *m;
	const struct policy *policy;
	struct fetch_url url;
	struct timespec began;
	/* The file that is being made: without a name until it was verified. */
	int dir, fd;
	char part[FILE_TEMP_SIZE]; /* "" where it has no name at all */
	char digest[FETCH_DIGEST_SIZE];
};

/* True for a path and a file: URL. */
bool download_is_local(const char *url);
bool download_has_digest(const struct venv_download *d);

/* Is it one of the digests that are asked for, if any are? */
bool download_is_wanted(const struct venv_download *d, const char *digest);

/*
 * Open a file of this machine that has no digest: it has to be one that only those can
 * change whom the site trusts.  CONFIG if not, with the rule that wants that, if any.
 */
int download_open_trusted(struct venv_session *s, const char *path,
			  struct venv_error *err) _must_check_;
struct fetch_rules download_rules(const struct policy *p);

/* Whether policy lets it be fetched at all; loads the module. */
int download_judge(struct download *l, struct venv_error *err) _must_check_;

/* A failure of the module to fetch URL, as an error with the rule that it is about. */
int download_error(struct download *l, int status, const char *url, const char *message,
		   struct venv_error *err);

/* ---- download_cache.c ---- */

/* What is known of a URL; "" for what is not. */
struct cached {
	char sha256[FETCH_DIGEST_SIZE];
	char etag[FETCH_ETAG_SIZE];
};

/* A cache that does not work is not used. */
void cached_find(struct host *h, const char *url, struct cached *out);

/*
 * Copy the file with a digest to TO (empty): 1, or 0 with TO still empty if the cache does
 * not have it.  -errno if it could not be copied: then it stays in the cache.
 */
int cached_copy(struct host *h, const struct fetch_module *m, const char *sha256, int to);
bool cached_is_there(struct host *h, const char *sha256);

/* Keep the file FROM, which has the digest, for URL. */
void cached_keep(struct host *h, const char *url, const struct cached *what, int from);
