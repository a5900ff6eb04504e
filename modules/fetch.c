/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - one file over HTTPS
 *
 * What may be fetched is decided here, not by libcurl: redirects are followed by hand,
 * so that each address is judged before a connection to it is opened.
 */
#include <config.h>

#include "fetch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load/load.h"
#include "fetch_transfer.h"
#include "fetch_url.h"

#define MAX_REDIRECTS 5

/* The address that a redirect leads to, if it may be followed; *returns new*. */
static int redirect(struct fetch *f, const char *from, char **to)
{
	struct fetch_url u;
	char *target = NULL, text[FETCH_MESSAGE_SIZE];
	int status;

	curl_easy_getinfo(f->curl, CURLINFO_REDIRECT_URL, &target);
	if (!target)
		return fetch_fail(f, FETCH_NETWORK, "it is a redirect to nowhere");
	status = url_check(target, &f->q->rules, &u, text);
	if (status == FETCH_OK && url_is_https(from) && !url_is_https(target)) {
		u.why = "it leads from https to http";
		status = FETCH_HTTP;
	}
	if (status != FETCH_OK) {
		snprintf(text, sizeof(text),
			 "it is redirected to '%.300s', which is refused: %.150s",
			 u.shown, u.why);
		snprintf(f->r->refused, sizeof(f->r->refused), "%s", u.shown);
		/* Only the site's list of hosts is a rule; the rest is an attack or a mistake. */
		return fetch_fail(f, status == FETCH_HOST ? FETCH_HOST : FETCH_INTEGRITY,
				  text);
	}
	snprintf(f->shown, sizeof(f->shown), "%s", u.shown);
	*to = strdup(target);
	return *to ? FETCH_OK : FETCH_NOMEM;
}

static int begin_body(struct fetch *f)
{
	f->status = FETCH_OK;
	f->r->size = 0;
	f->r->errnum = 0;
	if (ftruncate(f->q->fd, 0) || lseek(f->q->fd, 0, SEEK_SET) < 0) {
		f->r->errnum = errno;
		return fetch_fail(f, FETCH_WRITE, strerror(errno));
	}
	return sha256_begin(&f->hash) ? FETCH_OK : FETCH_NOMEM;
}

/* One try, over redirects.  *WAIT is what the server asks for, *AGAIN if it may help. */
static int try_once(struct fetch *f, struct curl_slist *headers, int *again, long *wait)
{
	char *url = strdup(f->q->url), *next;
	int status = url ? FETCH_OK : FETCH_NOMEM;

	*again = 0;
	*wait = 0;
	for (int hops = 0; status == FETCH_OK; hops++) {
		int64_t left = f->deadline - fetch_now();
		curl_off_t after = 0;
		long code = 0;
		CURLcode r;

		if (left <= 0) {
			status = fetch_fail(f, FETCH_NETWORK, "the time limit is over");
			break;
		}
		if ((status = begin_body(f)) ||
		    (status = fetch_set_up(f, headers, (long)left)) ||
		    (status = fetch_set_address(f, url)))
			break;
		r = fetch_transfer(f);
		curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &code);
		curl_easy_getinfo(f->curl, CURLINFO_RETRY_AFTER, &after);
		*wait = (long)after;
		*again = f->status == FETCH_OK && fetch_is_passing(f, r, code);
		if (r != CURLE_OK || f->status != FETCH_OK) {
			status = fetch_told(f, r);
			break;
		}
		if (code == 200)
			break;
		if (code == 304 && f->q->etag) {
			status = FETCH_NOT_MODIFIED;
			break;
		}
		if (code < 301 || code > 308 || code == 304 || code == 305 ||
		    code == 306) {
			status = fetch_told_code(f, code);
			break;
		}
		if (hops == MAX_REDIRECTS) {
			status = fetch_fail(f, FETCH_NETWORK, "too many redirects");
			break;
		}
		next = NULL;
		status = redirect(f, url, &next);
		free(url);
		url = next;
	}
	free(url);
	snprintf(f->r->answered, sizeof(f->r->answered), "%s", f->shown);
	if (status == FETCH_OK && !sha256_end(&f->hash, f->r->sha256))
		status = FETCH_NOMEM;
	return status;
}

/* Wait before another try; false if there is no time for that, or no wish. */
static int pause_for(struct fetch *f, long seconds)
{
	int64_t until = fetch_now() + (int64_t)seconds * 1000;

	if (until >= f->deadline)
		return 0;
	while (fetch_now() < until) {
		struct timespec tick = { 0, TICK_MS * 1000000L };

		if (fetch_stopped(f, -1)) {
			f->status = FETCH_CANCELLED;
			return 0;
		}
		nanosleep(&tick, NULL);
	}
	return 1;
}

static int get_with(struct fetch *f, struct curl_slist *headers)
{
	int status, again;
	long wait, back_off = 1;

	for (int tries = 0;; tries++, back_off *= 2) {
		url_show(f->q->url, f->shown, sizeof(f->shown));
		status = try_once(f, headers, &again, &wait);
		if (status == FETCH_OK || !again || tries >= f->q->retries)
			return status;
		wait = wait > 0 ? wait : back_off;
		if (f->q->retrying)
			f->q->retrying(f->q->data, f->r->message, wait);
		if (!pause_for(f, wait))
			return f->status == FETCH_CANCELLED
				       ? fetch_fail(f, FETCH_CANCELLED, "cancelled")
				       : status;
	}
}

/* SIGPIPE of a TLS connection would end the program; one that came is taken back. */
static void hold_sigpipe(sigset_t *pipe, sigset_t *old, int *pending)
{
	sigset_t now;

	sigemptyset(pipe);
	sigaddset(pipe, SIGPIPE);
	sigpending(&now);
	*pending = sigismember(&now, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, pipe, old);
}

static void release_sigpipe(const sigset_t *pipe, const sigset_t *old, int pending)
{
	static const struct timespec none;

	if (!pending) {
		while (sigtimedwait(pipe, NULL, &none) < 0 && errno == EINTR)
			;
	}
	pthread_sigmask(SIG_SETMASK, old, NULL);
}

static int get(const struct fetch_request *q, struct fetch_result *r)
{
	struct fetch f = { .q = q,
			   .r = r,
			   .deadline = fetch_now() + (int64_t)q->timeout * 1000 };
	struct curl_slist *headers = NULL;
	struct fetch_url u;
	char line[FETCH_ETAG_SIZE + 32];
	int status, pending;
	sigset_t pipe, old;

	memset(r, 0, sizeof(*r));
	status = url_check(q->url, &q->rules, &u, r->message);
	if (status != FETCH_OK)
		return status;
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		snprintf(r->message, sizeof(r->message), "cannot start libcurl");
		return FETCH_NETWORK;
	}
	hold_sigpipe(&pipe, &old, &pending);
	f.curl = curl_easy_init();
	f.multi = curl_multi_init();
	if (q->etag) {
		snprintf(line, sizeof(line), "If-None-Match: %s", q->etag);
		headers = curl_slist_append(NULL, line);
	}
	status = f.curl && f.multi && (headers || !q->etag) ? get_with(&f, headers)
							    : FETCH_NOMEM;
	if (status == FETCH_NOMEM)
		snprintf(r->message, sizeof(r->message), "out of memory");
	curl_slist_free_all(headers);
	curl_easy_cleanup(f.curl);
	curl_multi_cleanup(f.multi);
	sha256_release(&f.hash);
	release_sigpipe(&pipe, &old, pending);
	curl_global_cleanup();
	return status;
}

static int copy(int from, int to, char *digest)
{
	struct sha256 hash = { 0 };
	char buf[32768];
	int r = sha256_begin(&hash) ? 0 : -ENOMEM;

	while (!r) {
		ssize_t n = read(from, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r = n < 0 ? -errno : 0;
			break;
		}
		for (ssize_t done = 0, w; to >= 0 && !r && done < n; done += w) {
			w = write(to, buf + done, (size_t)(n - done));
			if (w < 0) {
				r = errno == EINTR ? 0 : -errno;
				w = 0;
			}
		}
		if (!r && !sha256_add(&hash, buf, (size_t)n))
			r = -ENOMEM;
	}
	if (!r && !sha256_end(&hash, digest))
		r = -ENOMEM;
	sha256_release(&hash);
	return r;
}

static int digest(const char *text, char *sha256)
{
	struct sha256 hash = { 0 };
	int ok = sha256_begin(&hash) && sha256_add(&hash, text, strlen(text)) &&
		 sha256_end(&hash, sha256);

	sha256_release(&hash);
	return ok;
}

static const struct fetch_module table = {
	.check = url_check,
	.get = get,
	.digest = digest,
	.copy = copy,
};

MODULE_DEFINE(fetch, table);
