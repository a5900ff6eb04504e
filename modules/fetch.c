/* SPDX-License-Identifier: MIT */
/*
 * fetch.c - one file over HTTPS
 *
 * What may be fetched is decided here, not by libcurl: redirects are followed by hand,
 * so that each address is judged before a connection to it is opened.
 */
#include <config.h>

#include "fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/module.h"
#include "fetch_url.h"
#include "sha256.h"

#define MAX_REDIRECTS 5
#define TICK_MS	      50

/* One download, over all its tries. */
struct fetch {
	const struct fetch_request *q;
	struct fetch_result *r;
	CURL *curl;
	CURLM *multi;
	struct sha256 hash;
	char error[CURL_ERROR_SIZE];
	char shown[512]; /* the address that is being fetched */
	int64_t deadline;
	int status; /* set by a callback that stopped the transfer, else FETCH_OK */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int fail(struct fetch *f, int status, const char *why)
{
	snprintf(f->r->message, sizeof(f->r->message), "cannot fetch '%.480s': %.500s",
		 f->shown, why);
	return status;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *data)
{
	struct fetch *f = data;
	size_t len = size * n, done = 0;

	/* libcurl's own limit does not see a body without Content-Length everywhere. */
	if ((int64_t)len > f->q->max_size - f->r->size) {
		f->status = FETCH_INTEGRITY;
		return CURL_WRITEFUNC_ERROR;
	}
	while (done < len) {
		ssize_t w = write(f->q->fd, bytes + done, len - done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			f->r->errnum = errno;
			f->status = FETCH_WRITE;
			return CURL_WRITEFUNC_ERROR;
		}
		done += (size_t)w;
	}
	if (!sha256_add(&f->hash, bytes, len)) {
		f->status = FETCH_NOMEM;
		return CURL_WRITEFUNC_ERROR;
	}
	f->r->size += (int64_t)len;
	return len;
}

/* It will be sent back, and kept on a line. */
static int is_plain(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return 0;
	}
	return 1;
}

static size_t on_header(char *line, size_t size, size_t n, void *data)
{
	struct fetch *f = data;
	size_t len = size * n, from = 5;

	/* Of an earlier answer (a proxy's, a redirect's): begin again. */
	if (len > 5 && !strncmp(line, "HTTP/", 5))
		f->r->etag[0] = '\0';
	if (len < 5 || strncasecmp(line, "etag:", 5) != 0)
		return len;
	while (from < len && (line[from] == ' ' || line[from] == '\t'))
		from++;
	while (len > from && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	if (len - from < sizeof(f->r->etag)) {
		memcpy(f->r->etag, line + from, len - from);
		f->r->etag[len - from] = '\0';
		if (!is_plain(f->r->etag))
			f->r->etag[0] = '\0';
	}
	return size * n;
}

static int stopped(struct fetch *f, int64_t total)
{
	return f->q->progress && f->q->progress(f->q->data, f->r->size, total);
}

static int64_t total_size(struct fetch *f)
{
	curl_off_t total = -1;

	curl_easy_getinfo(f->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
	return total;
}

/* Everything that holds for each address; what cannot be set is not left out. */
static int set_up(struct fetch *f, struct curl_slist *headers, long ms)
{
	const struct fetch_request *q = f->q;
	CURL *c = f->curl;
	CURLcode r = CURLE_OK;

	curl_easy_reset(c);
	f->error[0] = '\0';
#define SET(option, value)                                      \
	do {                                                    \
		if (r == CURLE_OK)                              \
			r = curl_easy_setopt(c, option, value); \
	} while (0)
	SET(CURLOPT_ERRORBUFFER, f->error);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, q->connect_timeout * 1000);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, q->stall_timeout);
	SET(CURLOPT_TIMEOUT_MS, ms);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_UNRESTRICTED_AUTH, 0L);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_ACCEPT_ENCODING, NULL);
	SET(CURLOPT_USERAGENT, q->user_agent);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)q->max_size);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, f);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, f);
	if (q->ca_file) {
		SET(CURLOPT_CAINFO, q->ca_file);
		/* Instead of the system's certificates, not beside them. */
		SET(CURLOPT_CAPATH, NULL);
	}
#undef SET
	return r == CURLE_OK ? FETCH_OK
	       : r == CURLE_OUT_OF_MEMORY
		       ? FETCH_NOMEM
		       : fail(f, FETCH_NETWORK,
			      "this libcurl lacks what a safe download needs");
}

static int set_address(struct fetch *f, const char *url)
{
	const char *no_proxy = url_no_proxy(f->q->env);
	const char *proxy = f->q->proxy ? f->q->proxy : url_proxy(f->q->env, url);
	CURLcode r;

	/* Judged already; libcurl is held to it. */
#if LIBCURL_VERSION_NUM >= 0x075500
	r = curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR,
			     url_is_https(url) ? "https" : "http");
#else
	r = curl_easy_setopt(
		f->curl, CURLOPT_PROTOCOLS,
		(long)(url_is_https(url) ? CURLPROTO_HTTPS : CURLPROTO_HTTP));
#endif
	/* "" keeps libcurl from looking at the process environment, which is not ours. */
	if (r || curl_easy_setopt(f->curl, CURLOPT_URL, url) ||
	    curl_easy_setopt(f->curl, CURLOPT_PROXY, proxy ? proxy : "") ||
	    curl_easy_setopt(f->curl, CURLOPT_NOPROXY, no_proxy ? no_proxy : ""))
		return FETCH_NOMEM;
	return FETCH_OK;
}

/* curl_easy_perform() that asks often whether to stop. */
static CURLcode transfer(struct fetch *f)
{
	CURLcode result = CURLE_OUT_OF_MEMORY;
	int running = 1, left;
	CURLMsg *m;

	if (curl_multi_add_handle(f->multi, f->curl))
		return result;
	while (running) {
		if (curl_multi_perform(f->multi, &running))
			break;
		if (stopped(f, total_size(f))) {
			f->status = FETCH_CANCELLED;
			break;
		}
		if (running && curl_multi_poll(f->multi, NULL, 0, TICK_MS, NULL))
			break;
	}
	while ((m = curl_multi_info_read(f->multi, &left))) {
		if (m->msg == CURLMSG_DONE)
			result = m->data.result;
	}
	curl_multi_remove_handle(f->multi, f->curl);
	return result;
}

static int from_curl(CURLcode r)
{
	switch (r) {
	case CURLE_OUT_OF_MEMORY:
		return FETCH_NOMEM;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return FETCH_CERTIFICATE;
	case CURLE_FILESIZE_EXCEEDED:
		return FETCH_INTEGRITY;
	default:
		return FETCH_NETWORK;
	}
}

/* What may be over in a moment: the set that curl's own tool tries again. */
static int is_passing(CURLcode r, long code)
{
	static const long codes[] = { 408, 429, 500, 502, 503, 504, 522, 524 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (r == CURLE_OK && code == codes[i])
			return 1;
	}
	return r == CURLE_COULDNT_RESOLVE_HOST || r == CURLE_COULDNT_RESOLVE_PROXY ||
	       r == CURLE_COULDNT_CONNECT || r == CURLE_OPERATION_TIMEDOUT ||
	       r == CURLE_PARTIAL_FILE || r == CURLE_RECV_ERROR || r == CURLE_GOT_NOTHING;
}

static int told(struct fetch *f, CURLcode r)
{
	char limit[64];

	switch (f->status) {
	case FETCH_OK:
		break;
	case FETCH_INTEGRITY:
		r = CURLE_FILESIZE_EXCEEDED;
		break;
	case FETCH_WRITE:
		return fail(f, FETCH_WRITE, strerror(f->r->errnum));
	default:
		return fail(f, f->status,
			    f->status == FETCH_CANCELLED ? "cancelled" : "out of memory");
	}
	if (r == CURLE_FILESIZE_EXCEEDED) {
		snprintf(limit, sizeof(limit), "it has more than %lld bytes",
			 (long long)f->q->max_size);
		return fail(f, FETCH_INTEGRITY, limit);
	}
	return fail(f, from_curl(r), f->error[0] ? f->error : curl_easy_strerror(r));
}

static int told_code(struct fetch *f, long code)
{
	char text[64];

	snprintf(text, sizeof(text), "the server answered %ld", code);
	return fail(f, FETCH_NETWORK, text);
}

/* The address that a redirect leads to, if it may be followed; *returns new*. */
static int redirect(struct fetch *f, const char *from, char **to)
{
	struct fetch_url u;
	char *target = NULL, why[FETCH_MESSAGE_SIZE];
	int status;

	curl_easy_getinfo(f->curl, CURLINFO_REDIRECT_URL, &target);
	if (!target)
		return fail(f, FETCH_NETWORK, "it is a redirect to nowhere");
	status = url_check(target, &f->q->rules, &u, why);
	if (status == FETCH_OK && url_is_https(from) && !url_is_https(target))
		status = FETCH_HTTP;
	if (status != FETCH_OK) {
		char text[FETCH_MESSAGE_SIZE];

		snprintf(text, sizeof(text),
			 "it is redirected to '%.300s', which is refused", u.shown);
		/* Only the site's list of hosts is a rule; the rest is an attack or a mistake. */
		return fail(f, status == FETCH_HOST ? FETCH_HOST : FETCH_INTEGRITY, text);
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
		return fail(f, FETCH_WRITE, strerror(errno));
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
		int64_t left = f->deadline - now_ms();
		curl_off_t after = 0;
		long code = 0;
		CURLcode r;

		if (left <= 0) {
			status = fail(f, FETCH_NETWORK, "the time limit is over");
			break;
		}
		if ((status = begin_body(f)) ||
		    (status = set_up(f, headers, (long)left)) ||
		    (status = set_address(f, url)))
			break;
		r = transfer(f);
		curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &code);
		curl_easy_getinfo(f->curl, CURLINFO_RETRY_AFTER, &after);
		*wait = (long)after;
		*again = f->status == FETCH_OK && is_passing(r, code);
		if (r != CURLE_OK || f->status != FETCH_OK) {
			status = told(f, r);
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
			status = told_code(f, code);
			break;
		}
		if (hops == MAX_REDIRECTS) {
			status = fail(f, FETCH_NETWORK, "too many redirects");
			break;
		}
		next = NULL;
		status = redirect(f, url, &next);
		free(url);
		url = next;
	}
	free(url);
	if (status == FETCH_OK && !sha256_end(&f->hash, f->r->sha256))
		status = FETCH_NOMEM;
	return status;
}

/* Wait before another try; false if there is no time for that, or no wish. */
static int pause_for(struct fetch *f, long seconds)
{
	int64_t until = now_ms() + (int64_t)seconds * 1000;

	if (until >= f->deadline)
		return 0;
	while (now_ms() < until) {
		struct timespec tick = { 0, TICK_MS * 1000000L };

		if (stopped(f, -1)) {
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
				       ? fail(f, FETCH_CANCELLED, "cancelled")
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
			   .deadline = now_ms() + (int64_t)q->timeout * 1000 };
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

static const struct fetch_module table = {
	.check = url_check,
	.get = get,
	.copy = copy,
};

MODULE_DEFINE(fetch, table);
