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
	bool unknown_issuer; /* of a certificate that was refused */
	struct timespec began;
	/* The file that is being written, which gets its name when it was verified. */
	int dir, fd;
	char part[FILE_TEMP_SIZE]; /* its name until then; "" with O_TMPFILE */
	char digest[FETCH_DIGEST_SIZE];
};

/* True if URL is a path or a file: URL. */
bool download_is_local(const char *url);
bool download_has_digest(const struct venv_download *d);

/* Is it one of the digests that are asked for, if any are? */
bool download_is_wanted(const struct venv_download *d, const char *digest);

/*
 * Open a file of this machine for which there is no digest: only root, the user and whom
 * the site trusts may be able to change it.  CONFIG if others can, with the rule of the
 * site's policy that asks for a digest, if there is one.
 */
int download_open_trusted(struct venv_session *s, const char *path,
			  struct venv_error *err) _must_check_;
struct fetch_rules download_rules(const struct policy *p);

/* Whether policy lets it be fetched at all; loads the module. */
int download_judge(struct download *l, struct venv_error *err) _must_check_;

/* What the module failed with as an error, with the rule of the policy that refused. */
int download_error(struct download *l, int status, const char *url, const char *message,
		   struct venv_error *err);

/* network.c: hosts without a proxy, as one list, NULL if there is none; false: no memory. */
bool download_no_proxy(struct host *h, struct arena *a, const char **text) _must_check_;
/* The certificates to trust; NULL for the system's. */
const char *download_ca_file(const struct host *h);
/* Which they are, and who says so: "'/a.pem' (ca-file in /etc/venvctl/venvctl.ini:3)". */
const char *download_ca_text(struct download *l);

/* ---- download_cache.c ---- */

/* What the cache knows of a URL: "" where it knows nothing. */
struct cached {
	char sha256[FETCH_DIGEST_SIZE];
	char etag[FETCH_ETAG_SIZE];
};

/* All "" where there is no cache, or no record that can be read. */
void cached_find(struct host *h, const struct fetch_module *m, const char *url,
		 struct cached *out);

/*
 * Copy the file with a digest to TO (empty): 1, or 0 with TO still empty if the cache
 * does not have it.  -errno if it could not be copied: then it stays in the cache.
 */
int cached_copy(struct host *h, const struct fetch_module *m, const char *sha256, int to);
bool cached_is_there(struct host *h, const char *sha256);

/*
 * Keep the file FROM, which has the digest.  For URL it is what was there before until the
 * environment is made: what did not work takes the place of nothing that did.
 */
void cached_keep(struct venv_session *s, const char *url, const struct cached *what,
		 int from);
