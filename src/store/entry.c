/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "entry.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/environ.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/stamp.h"
#include "base/tree.h"
#include "build.h"

#define HEX_SIZE     (2 * SHA256_SIZE + 1)
#define MANIFEST_MAX (64u * 1024u * 1024u)
#define DIGEST_HEAD  "venvctl-wheel 1\n"

/* A wheel, and what is known of it. */
struct source {
	int fd;
	struct stat st;
	char hex[HEX_SIZE];
};

void record_digest(const unsigned char hash[SHA256_SIZE], char out[RECORD_DIGEST_SIZE])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, value = 0;

	for (int i = 0; i < SHA256_SIZE; i++) {
		value = value << 8 | hash[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = digits[value >> (bits - 6) & 63];
	}
	*out++ = digits[value << (6 - bits) & 63];
	*out = '\0';
}

static void to_hex(const unsigned char hash[SHA256_SIZE], char out[HEX_SIZE])
{
	for (int i = 0; i < SHA256_SIZE; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", hash[i]);
}

/* The name under which the digest of the wheel at PATH is kept. */
static void digest_name(const char *path, char name[32])
{
	snprintf(name, 32, "wheels/%016" PRIx64, hash_add_str(HASH_INIT, path));
}

/* The digest as it was once computed, if the file is still the same. */
static bool recall_digest(struct store *s, const char *path, struct source *src)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct stamp then, now = stamp_of(&src->st);
	char name[32], *line;

	digest_name(path, name);
	if (!s->cache->there || cache_make(s->cache, s->log) < 0 ||
	    file_read_at(s->cache->fd, name, 1024, &text))
		return false;
	if (strncmp(str_text(&text), DIGEST_HEAD, strlen(DIGEST_HEAD)) != 0)
		return false;
	line = strchr(text.s + strlen(DIGEST_HEAD), '\n');
	if (!line || strlen(line + 1) != HEX_SIZE)
		return false;
	*line = '\0';
	if (!stamp_parse(text.s + strlen(DIGEST_HEAD), &then) ||
	    !stamp_equal(&then, &now))
		return false;
	memcpy(src->hex, line + 1, HEX_SIZE - 1);
	src->hex[HEX_SIZE - 1] = '\0';
	return true;
}

static void keep_digest(struct store *s, const char *path, const struct source *src)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct stamp stamp = stamp_of(&src->st);
	char name[32];
	int dir;

	if (cache_make(s->cache, s->log) < 0)
		return;
	dir = tree_make_dirs(s->cache->fd, "wheels");
	if (dir >= 0)
		close(dir);
	digest_name(path, name);
	str_add(&text, DIGEST_HEAD);
	stamp_add(&text, &stamp);
	str_addf(&text, "\n%s\n", src->hex);
	/* It is a cache: what cannot be written is computed again. */
	if (!str_failed(&text))
		(void)!file_replace_at(s->cache->fd, name, text.s, text.len, 0600);
}

static int find_digest(struct store *s, const struct store_wheel *w, struct source *src,
		       struct venv_error *err)
{
	const struct digest_module *m;
	unsigned char hash[SHA256_SIZE];
	int r;

	src->fd = open(w->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (src->fd < 0 || fstat(src->fd, &src->st))
		return error_errno(err, errno, "cannot open the wheel '%s'", w->path);
	if (!S_ISREG(src->st.st_mode))
		return error_set(err, VENV_ERR_FAILED, "'%s' is no file", w->path);
	if (!recall_digest(s, w->path, src)) {
		m = module_get(s->modules, MODULE_DIGEST, err);
		if (!m)
			return VENV_ERR_UNSUPPORTED;
		r = m->sha256_fd(src->fd, hash);
		if (r)
			return error_errno(err, -r, "cannot read '%s'", w->path);
		to_hex(hash, src->hex);
		keep_digest(s, w->path, src);
	}
	if (w->sha256 && strcmp(w->sha256, src->hex) != 0)
		return error_set(err, VENV_ERR_INTEGRITY,
				 "'%s' has the SHA-256 %s, which is not the one expected",
				 w->path, src->hex);
	return 0;
}

/* All files as they were made?  A wrong mode is put right. */
static bool is_whole(const struct entry *e, bool own)
{
	const struct manifest *m = &e->manifest;
	char path[PATH_MAX];

	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *t = &m->items[i];
		mode_t mode = t->executable ? 0555 : 0444;
		struct stat st;

		if (snprintf(path, sizeof(path), "%s/%s", place_name(t->place),
			     t->path) >= (int)sizeof(path) ||
		    fstatat(e->fd, path, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode) || st.st_size != t->size ||
		    st.st_mtime != t->mtime)
			return false;
		if ((st.st_mode & 07777) != mode &&
		    (!own || fchmodat(e->fd, path, mode, 0)))
			return false;
	}
	return true;
}

/* An entry that is there: 1 if it can be used. */
static int open_existing(struct store *s, int store, const char *name, bool own,
			 struct entry *e)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct stat st;

	e->fd = tree_open_dir(store, name);
	if (e->fd < 0)
		return 0;
	e->manifest = (struct manifest){ .arena = s->arena };
	if (!fstat(e->fd, &st) && (own || (st.st_uid == 0 && !(st.st_mode & 022))) &&
	    !file_read_at(e->fd, MANIFEST_FILE, MANIFEST_MAX, &text) &&
	    manifest_parse(&e->manifest, str_text(&text)) &&
	    (strlist_find(&s->verified, name) >= 0 || is_whole(e, own)))
		return strlist_add(s->arena, &s->verified, name) ? 1 : 0;
	close(steal_fd(&e->fd));
	if (!own)
		return 0;
	/* Environments that were made from it keep their files: those have other names. */
	log_info(s->log, "the entry '%s' of the store is damaged: making it again", name);
	return -1;
}

static int open_site(struct store *s, const char *name, struct entry *e)
{
	_cleanup_close_ int dir =
		s->site_dir ? open(s->site_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	return dir < 0 ? 0 : open_existing(s, dir, name, false, e);
}

static int build_in(struct store *s, const struct store_wheel *w,
		    const struct source *src, const char *path, struct entry *e,
		    struct venv_error *err)
{
	e->fd = tree_open_dir(AT_FDCWD, path);
	if (e->fd < 0)
		return error_errno(err, errno, "cannot open '%s'", path);
	return store_build(s, w, src->fd, e->fd, path, &e->manifest, err);
}

/* Somewhere of this create's own, where there is no cache to keep it in. */
static int build_temporary(struct store *s, const struct store_wheel *w,
			   const struct source *src, struct entry *e,
			   struct venv_error *err)
{
	const char *tmp = env_get(s->env, "TMPDIR");

	log_info(s->log, "there is no cache: '%s' is unpacked for this environment alone",
		 path_base(w->path));
	e->temporary = arena_printf(s->arena, "%s/venvctl-XXXXXX",
				    tmp && *tmp == '/' ? tmp : "/tmp");
	if (!e->temporary)
		return error_nomem(err);
	if (!mkdtemp(e->temporary)) {
		int saved = errno;
		const char *path = e->temporary;

		e->temporary = NULL;
		return error_errno(err, saved, "cannot make the directory '%s'", path);
	}
	return build_in(s, w, src, e->temporary, e, err);
}

/* Built under a name of its own, then renamed: who sees it sees all of it. */
static int build(struct store *s, const struct store_wheel *w, const struct source *src,
		 int store, const char *name, struct entry *e, struct venv_error *err)
{
	char *path = arena_printf(s->arena, "%s/store/new-XXXXXX", s->cache->path);
	int r;

	if (!path)
		return error_nomem(err);
	if (!mkdtemp(path)) {
		log_info(s->log, "cannot make '%s': %s", path, strerror(errno));
		return build_temporary(s, w, src, e, err);
	}
	r = build_in(s, w, src, path, e, err);
	if (!r) {
		r = file_rename_new(store, path_base(path), store, name);
		if (r == -EEXIST || r == -ENOTEMPTY) {
			/* Somebody was faster; theirs is as good. */
			close(steal_fd(&e->fd));
			if (open_existing(s, store, name, true, e) != 1)
				return error_set(err, VENV_ERR_FAILED,
						 "the entry '%s' of the store is damaged",
						 name);
			tree_remove_at(store, path_base(path), NULL);
			return 0;
		}
		if (r)
			r = error_errno(err, -r, "cannot put '%s' into the store", name);
	}
	if (r)
		tree_remove_at(store, path_base(path), NULL);
	return r;
}

/* What was damaged, out of the way; the name is free then. */
static void discard(int store, const char *name)
{
	char away[64];

	snprintf(away, sizeof(away), "damaged-%ld", (long)getpid());
	if (!renameat(store, name, store, away))
		tree_remove_at(store, away, NULL);
}

static int find_or_build(struct store *s, const struct store_wheel *w,
			 const struct source *src, struct entry *e,
			 struct venv_error *err)
{
	const char *name = arena_printf(s->arena, "%.32s-%s-%08" PRIx32, src->hex,
					w->cache_tag, w->magic);
	_cleanup_close_ int store = -1;
	int r;

	if (!name)
		return error_nomem(err);
	if (open_site(s, name, e) == 1)
		return 0;
	if (cache_make(s->cache, s->log) >= 0) {
		store = tree_open_dir(s->cache->fd, "store");
		if (store < 0)
			store = tree_make_dirs(s->cache->fd, "store");
	}
	if (store < 0)
		return build_temporary(s, w, src, e, err);
	r = open_existing(s, store, name, true, e);
	if (r == 1)
		return 0;
	if (r < 0)
		discard(store, name);
	return build(s, w, src, store, name, e, err);
}

int entry_open(struct store *s, const struct store_wheel *w, struct entry *e,
	       struct venv_error *err)
{
	struct source src = { .fd = -1 };
	int r;

	*e = (struct entry){ .fd = -1 };
	if (!w->magic || !w->cache_tag) {
		log_info(s->log, "the byte code of '%s' is not known", w->interpreter);
		return STORE_NEEDS_PIP;
	}
	r = find_digest(s, w, &src, err);
	if (!r)
		r = find_or_build(s, w, &src, e, err);
	if (src.fd >= 0)
		close(src.fd);
	if (r)
		entry_close(e);
	return r;
}

void entry_close(struct entry *e)
{
	if (e->fd >= 0)
		close(steal_fd(&e->fd));
	if (e->temporary)
		tree_remove_at(AT_FDCWD, e->temporary, NULL);
	e->temporary = NULL;
}
