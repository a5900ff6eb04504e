/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fetch_transfer.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "fetch_url.h"

int64_t fetch_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int fetch_fail(struct fetch *f, int status, const char *why)
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

int fetch_stopped(struct fetch *f, int64_t total)
{
	return f->q->progress && f->q->progress(f->q->data, f->r->size, total);
}

static int64_t total_size(struct fetch *f)
{
	curl_off_t total = -1;

	curl_easy_getinfo(f->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
	return total;
}

/*
 * The system's certificates, where libcurl would not find them: it knows one place, that of the
 * system on which it was built.  NULL where it does know, or where there are none.
 */
static const char *system_certificates(void)
{
	static const char *const files[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/ssl/ca-bundle.pem", /* SUSE */
		"/etc/ssl/cert.pem",	  /* Alpine, the BSDs */
	};
	const char *known = NULL;

#if LIBCURL_VERSION_NUM >= 0x074600
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	if (v->age >= CURLVERSION_SEVENTH)
		known = v->cainfo ? v->cainfo : v->capath;
#endif
	if (known && !access(known, R_OK))
		return NULL;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!access(files[i], R_OK))
			return files[i];
	}
	return NULL;
}

/* What cannot be set is not left out. */
int fetch_set_up(struct fetch *f, struct curl_slist *headers, long ms)
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
	/* Nothing compressed is asked for; what comes so all the same is decoded. */
	SET(CURLOPT_ACCEPT_ENCODING, "identity");
	SET(CURLOPT_USERAGENT, q->user_agent);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)q->max_size);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, f);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, f);
	f->certificates = q->ca_file ? q->ca_file : system_certificates();
	if (f->certificates) {
		SET(CURLOPT_CAINFO, f->certificates);
		/* Instead of what libcurl would take, not beside it. */
		SET(CURLOPT_CAPATH, NULL);
	}
#undef SET
	return r == CURLE_OK ? FETCH_OK
	       : r == CURLE_OUT_OF_MEMORY
		       ? FETCH_NOMEM
		       : fetch_fail(f, FETCH_NETWORK,
				    "this libcurl lacks what a safe download needs");
}

/* A proxy over TLS is held to what a server is held to. */
static CURLcode set_proxy_tls(struct fetch *f)
{
	CURLcode r = curl_easy_setopt(f->curl, CURLOPT_PROXY_SSLVERSION,
				      (long)CURL_SSLVERSION_TLSv1_2);

	if (!r)
		r = curl_easy_setopt(f->curl, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
	if (!r)
		r = curl_easy_setopt(f->curl, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
	if (!r && f->certificates)
		r = curl_easy_setopt(f->curl, CURLOPT_PROXY_CAINFO, f->certificates);
	if (!r && f->certificates)
		r = curl_easy_setopt(f->curl, CURLOPT_PROXY_CAPATH, NULL);
	return r;
}

int fetch_set_address(struct fetch *f, const char *url)
{
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
	if (proxy && f->q->no_proxy && url_goes_direct(url, f->q->no_proxy))
		proxy = NULL;
	/* "" keeps libcurl from looking at the process environment, which is not ours. */
	if (r || curl_easy_setopt(f->curl, CURLOPT_URL, url) ||
	    curl_easy_setopt(f->curl, CURLOPT_PROXY, proxy ? proxy : "") ||
	    curl_easy_setopt(f->curl, CURLOPT_NOPROXY, ""))
		return FETCH_NOMEM;
	f->proxy = proxy && *proxy ? proxy : NULL;
	f->address = url;
	if (proxy && url_is_https(proxy) && (r = set_proxy_tls(f)))
		return r == CURLE_OUT_OF_MEMORY
			       ? FETCH_NOMEM
			       : fetch_fail(f, FETCH_NETWORK,
					    "this libcurl has no proxies over https");
	return FETCH_OK;
}

CURLcode fetch_transfer(struct fetch *f)
{
	CURLcode result = CURLE_OUT_OF_MEMORY;
	int running = 1, left;
	CURLMsg *m;

	if (curl_multi_add_handle(f->multi, f->curl))
		return result;
	while (running) {
		if (curl_multi_perform(f->multi, &running))
			break;
		if (fetch_stopped(f, total_size(f))) {
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

static int has_any(const char *text, const char *const *words)
{
	for (; *words; words++) {
		if (strstr(text, *words))
			return 1;
	}
	return 0;
}

/* The connection went in the middle of the handshake; else it is about what was said in it. */
static int was_cut(const char *error)
{
	static const char *const words[] = { "SSL_ERROR_SYSCALL",     "onnection reset",
					     "unexpected eof",	      "Broken pipe",
					     "SSL_ERROR_ZERO_RETURN", NULL };

	return has_any(error, words);
}

/*
 * Does the resolver say that there is no such name?  If it does not answer, the network may
 * come back.  libcurl does not tell one from the other.
 */
static int is_no_name(struct fetch *f, const char *url)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	curl_off_t us = 0;
	char host[256];
	int r;

	/* Who was slow to answer may be slow again, and nobody could stop that. */
	curl_easy_getinfo(f->curl, CURLINFO_TOTAL_TIME_T, &us);
	if (us > 2000000 || !url_host(url, host, sizeof(host)))
		return 0;
	r = getaddrinfo(host, NULL, &hints, &found);
	if (!r)
		freeaddrinfo(found);
	return r == EAI_NONAME || r == EAI_NODATA;
}

int fetch_is_passing(struct fetch *f, CURLcode r, long code)
{
	static const long codes[] = { 408, 429, 500, 502, 503, 504, 522, 524 };
	long answer = 0;

	if (r == CURLE_OK)
		answer = code;
	else /* what a proxy refuses looks like any broken connection */
		curl_easy_getinfo(f->curl, CURLINFO_HTTP_CONNECTCODE, &answer);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (answer == codes[i])
			return 1;
	}
	if (r == CURLE_OK || answer >= 300)
		return 0;
	if (r == CURLE_COULDNT_RESOLVE_HOST || r == CURLE_COULDNT_RESOLVE_PROXY)
		return !is_no_name(f, r == CURLE_COULDNT_RESOLVE_HOST ? f->address
								      : f->proxy);
	return r == CURLE_COULDNT_CONNECT || r == CURLE_OPERATION_TIMEDOUT ||
	       r == CURLE_PARTIAL_FILE || r == CURLE_RECV_ERROR ||
	       r == CURLE_SEND_ERROR || r == CURLE_GOT_NOTHING ||
	       (r == CURLE_SSL_CONNECT_ERROR && was_cut(f->error)) || r == CURLE_HTTP2 ||
	       r == CURLE_HTTP2_STREAM;
}

/* As fetch_fail(), where it was the proxy. */
static int fail_proxy(struct fetch *f, int status, const char *why)
{
	char proxy[256], text[FETCH_MESSAGE_SIZE];

	url_show(f->proxy, proxy, sizeof(proxy));
	snprintf(text, sizeof(text), "the proxy '%s': %.400s", proxy, why);
	return fetch_fail(f, status, text);
}

static int told_proxy_code(struct fetch *f, long code)
{
	char text[128];

	snprintf(text, sizeof(text), "it answered %ld%s", code,
		 code == 407 ? ", it wants a user name and password, or others" : "");
	return fail_proxy(f, FETCH_NETWORK, text);
}

/* Did it come no further than the proxy? */
static int is_proxys(struct fetch *f, CURLcode r)
{
	int tls = f->proxy && url_is_https(f->proxy);
	long answer = 0;

	curl_easy_getinfo(f->curl, CURLINFO_HTTP_CONNECTCODE, &answer);
	return f->proxy && !answer &&
	       (r == CURLE_COULDNT_RESOLVE_PROXY || r == CURLE_PROXY ||
		r == CURLE_COULDNT_CONNECT ||
		(tls &&
		 (r == CURLE_SSL_CONNECT_ERROR || from_curl(r) == FETCH_CERTIFICATE)));
}

/* Nobody who is trusted vouches for it: what is trusted can be changed. */
static int is_about_issuer(const char *error)
{
	static const char *const words[] = { "issuer",	   "self-signed", "self signed",
					     "unknown CA", "CAfile",	  NULL };

	return has_any(error, words);
}

int fetch_told(struct fetch *f, CURLcode r)
{
	const char *why;
	char limit[64];
	long answer = 0;

	switch (f->status) {
	case FETCH_OK:
		break;
	case FETCH_INTEGRITY:
		r = CURLE_FILESIZE_EXCEEDED;
		break;
	case FETCH_WRITE:
		return fetch_fail(f, FETCH_WRITE, strerror(f->r->errnum));
	default:
		return fetch_fail(f, f->status,
				  f->status == FETCH_CANCELLED ? "cancelled"
							       : "out of memory");
	}
	if (r == CURLE_FILESIZE_EXCEEDED) {
		snprintf(limit, sizeof(limit), "it has more than %lld bytes",
			 (long long)f->q->max_size);
		return fetch_fail(f, FETCH_INTEGRITY, limit);
	}
	curl_easy_getinfo(f->curl, CURLINFO_HTTP_CONNECTCODE, &answer);
	if (f->proxy && answer >= 300)
		return told_proxy_code(f, answer);
	/* It would show the password that is in there. */
	if (f->proxy && strstr(f->error, f->proxy))
		return fetch_fail(f, FETCH_NETWORK,
				  "the proxy's address is none that is understood");
	if (r == CURLE_SSL_CACERT_BADFILE)
		snprintf(f->error, sizeof(f->error),
			 "there is no certificate in '%.200s' that can be read",
			 f->certificates ? f->certificates : "the system's file");
	f->r->unknown_issuer = from_curl(r) == FETCH_CERTIFICATE &&
			       is_about_issuer(f->error);
	why = f->error[0] ? f->error : curl_easy_strerror(r);
	return is_proxys(f, r) ? fail_proxy(f, from_curl(r), why)
			       : fetch_fail(f, from_curl(r), why);
}

int fetch_told_code(struct fetch *f, long code)
{
	char text[96];

	if (code == 407 && f->proxy)
		return told_proxy_code(f, code);
	snprintf(text, sizeof(text), "the server answered %ld%s", code,
		 code == 511 ? ", this network asks for a log-in first" : "");
	return fetch_fail(f, FETCH_NETWORK, text);
}
